-- Rule: definer-search-path
-- before
CREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
-- @up
ALTER FUNCTION one() SET search_path = pg_catalog, pg_temp;
