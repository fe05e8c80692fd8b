-- Rule: no-row-security
-- before
CREATE ROLE authenticated;
CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO authenticated;
-- @up
CREATE TABLE api.notes (id bigint PRIMARY KEY);
GRANT SELECT ON api.notes TO authenticated;
