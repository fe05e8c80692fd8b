-- Migration: 001_create_user_profiles
-- Description: Profiles of the people who sign in
-- Type: create_table
-- Depends on: []

-- ===== UP MIGRATION =====
-- @up

-- Who is asking: the `sub` claim of the request's JWT, as auth.uid() of Supabase reads it.
CREATE FUNCTION requesting_user_id() RETURNS uuid
LANGUAGE sql STABLE
AS $$
  SELECT nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')::uuid
$$;

CREATE TABLE user_profiles (
  id           uuid PRIMARY KEY,
  display_name text NOT NULL CHECK (display_name <> ''),
  created_at   timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE user_profiles ENABLE ROW LEVEL SECURITY;

CREATE POLICY "people read and change their own profile" ON user_profiles
  USING (id = requesting_user_id())
  WITH CHECK (id = requesting_user_id());

-- ===== DOWN MIGRATION =====
-- @down
DROP TABLE user_profiles;
DROP FUNCTION requesting_user_id();

-- @verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'user_profiles'::regclass;
