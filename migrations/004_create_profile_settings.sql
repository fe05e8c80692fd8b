-- Migration: 004_create_profile_settings
-- Description: How each person wants to be notified
-- Type: create_table
-- Depends on: [001_create_user_profiles]

-- ===== UP MIGRATION =====
-- @up
CREATE TYPE report_frequency AS ENUM ('never', 'daily', 'weekly');

CREATE TABLE profile_settings (
  profile_id uuid PRIMARY KEY REFERENCES user_profiles (id) ON DELETE CASCADE,
  reports    report_frequency NOT NULL DEFAULT 'weekly',
  time_zone  text NOT NULL DEFAULT 'UTC'
);

ALTER TABLE profile_settings ENABLE ROW LEVEL SECURITY;

CREATE POLICY "people manage their own settings" ON profile_settings
  USING (profile_id = requesting_user_id())
  WITH CHECK (profile_id = requesting_user_id());

INSERT INTO profile_settings (profile_id) SELECT id FROM user_profiles;

-- ===== DOWN MIGRATION =====
-- @down
DROP TABLE profile_settings;
DROP TYPE report_frequency;

-- @verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'profile_settings'::regclass;
SELECT NOT EXISTS (
  SELECT FROM user_profiles
  WHERE NOT EXISTS (SELECT FROM profile_settings WHERE profile_id = user_profiles.id)
);
