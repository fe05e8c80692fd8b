-- Migration: 002_create_website_tracking
-- Description: Track the websites that a profile owns
-- Type: create_table
-- Depends on: [001_create_user_profiles]

-- ===== UP MIGRATION =====
-- @up
CREATE TABLE website_tracking (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  profile_id uuid NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
  url        text NOT NULL CHECK (url ~ '^https?://'),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (profile_id, url)
);

ALTER TABLE website_tracking ENABLE ROW LEVEL SECURITY;

CREATE POLICY "people manage their own websites" ON website_tracking
  USING (profile_id = requesting_user_id())
  WITH CHECK (profile_id = requesting_user_id());

-- ===== DOWN MIGRATION =====
-- @down
DROP TABLE website_tracking;

-- @verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'website_tracking'::regclass;
SELECT count(*) = 0 FROM website_tracking WHERE url IS NULL;
