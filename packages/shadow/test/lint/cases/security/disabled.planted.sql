-- Rule: no-row-security
-- before
CREATE ROLE anon;
GRANT USAGE ON SCHEMA public TO anon;
CREATE TABLE notes (id bigint PRIMARY KEY);
GRANT ALL ON notes TO anon;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
-- @up
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
