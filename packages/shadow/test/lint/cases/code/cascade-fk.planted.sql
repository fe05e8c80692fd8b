-- Rule: cascade-drops
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, parent bigint CONSTRAINT parent_fk REFERENCES a);
-- @up
DROP TABLE a CASCADE;
