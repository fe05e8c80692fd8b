-- Rule: no-row-security
-- before
CREATE ROLE authenticated;
CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO authenticated;
-- @up
CREATE SCHEMA internal;
CREATE TABLE internal.notes (id bigint PRIMARY KEY);
