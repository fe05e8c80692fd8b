-- Rule: function-unresolved
-- before
CREATE TABLE items (id bigint PRIMARY KEY);
-- @up
CREATE FUNCTION first_name_of_item() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT name FROM items LIMIT 1); END $$;
