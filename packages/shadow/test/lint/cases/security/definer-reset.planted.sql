-- Rule: definer-search-path
-- before
CREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
-- @up
ALTER FUNCTION one() RESET search_path;
