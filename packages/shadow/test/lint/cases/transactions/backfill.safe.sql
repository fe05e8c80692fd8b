-- Rule: data-and-schema
-- before
CREATE TABLE a (id bigint PRIMARY KEY, old int);
-- @up
ALTER TABLE a ADD COLUMN new int;
UPDATE a SET new = 1 WHERE id = 42;
