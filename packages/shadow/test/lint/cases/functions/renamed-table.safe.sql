-- Rule: function-unresolved
-- before
CREATE TABLE items (id bigint PRIMARY KEY);
-- @up
CREATE FUNCTION touch() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TEMP TABLE scratch (id bigint); INSERT INTO scratch SELECT id FROM items; WITH few AS (SELECT * FROM scratch LIMIT 1) DELETE FROM items USING few WHERE few.id = items.id; END $$;
