-- Migration: 005_create_visit_reports
-- Description: Daily visits of each website, for the people who want reports
-- Type: create_table
-- Depends on: [003_create_page_visits, 004_create_profile_settings]

-- ===== UP MIGRATION =====
-- @up
CREATE TABLE visit_reports (
  website_id bigint NOT NULL REFERENCES website_tracking (id) ON DELETE CASCADE,
  day        date NOT NULL,
  visits     integer NOT NULL CHECK (visits >= 0),
  PRIMARY KEY (website_id, day)
);

ALTER TABLE visit_reports ENABLE ROW LEVEL SECURITY;

CREATE POLICY "people read reports on their own websites" ON visit_reports
  FOR SELECT
  USING (website_id IN (SELECT id FROM website_tracking WHERE profile_id = requesting_user_id()));

CREATE PROCEDURE write_visit_reports(of_day date)
LANGUAGE sql
AS $$
  INSERT INTO visit_reports (website_id, day, visits)
  SELECT website_tracking.id, of_day, count(page_visits.id)
  FROM website_tracking
  JOIN profile_settings USING (profile_id)
  LEFT JOIN page_visits ON page_visits.website_id = website_tracking.id
    AND page_visits.visited_at >= of_day
    AND page_visits.visited_at < of_day + 1
  WHERE profile_settings.reports <> 'never'
  GROUP BY website_tracking.id
  ON CONFLICT (website_id, day) DO UPDATE SET visits = excluded.visits
$$;

-- ===== DOWN MIGRATION =====
-- @down
DROP PROCEDURE write_visit_reports(date);
DROP TABLE visit_reports;

-- @verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'visit_reports'::regclass;
