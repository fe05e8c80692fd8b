-- Migration: 003_create_page_visits
-- Description: One row for each visit to a tracked website
-- Type: create_table
-- Depends on: [002_create_website_tracking]

-- ===== UP MIGRATION =====
-- @up
CREATE TABLE page_visits (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  website_id bigint NOT NULL REFERENCES website_tracking (id) ON DELETE CASCADE,
  path       text NOT NULL DEFAULT '/',
  visited_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX page_visits_by_website ON page_visits (website_id, visited_at DESC);

ALTER TABLE page_visits ENABLE ROW LEVEL SECURITY;

CREATE POLICY "people read visits to their own websites" ON page_visits
  FOR SELECT
  USING (website_id IN (SELECT id FROM website_tracking WHERE profile_id = requesting_user_id()));

-- ===== DOWN MIGRATION =====
-- @down
DROP TABLE page_visits;

-- @verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'page_visits'::regclass;
SELECT indisvalid FROM pg_index WHERE indexrelid = 'page_visits_by_website'::regclass;
