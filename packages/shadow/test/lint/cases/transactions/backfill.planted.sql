-- Rule: data-and-schema
-- before
CREATE TABLE a (id bigint PRIMARY KEY, old int);
-- @up
ALTER TABLE a ADD COLUMN new int;
DO $$ BEGIN UPDATE a SET new = old; END $$;
