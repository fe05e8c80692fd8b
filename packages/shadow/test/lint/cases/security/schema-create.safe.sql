-- Rule: grant-to-public
-- before
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- @up
REVOKE ALL ON FUNCTION one() FROM PUBLIC;
