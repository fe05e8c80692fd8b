-- Rule: grant-to-public
-- before
CREATE SCHEMA app;
-- @up
GRANT USAGE, CREATE ON SCHEMA app TO PUBLIC;
