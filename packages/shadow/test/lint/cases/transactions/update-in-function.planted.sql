-- Rule: unbatched-dml
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, name text); CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$ UPDATE accounts SET name = 'x' $$;
-- @up
SELECT fill();
