-- Rule: duplicate-index
-- before
CREATE TABLE a (id bigint PRIMARY KEY, x int, y text);
CREATE INDEX one_idx ON a (x DESC, lower(y)) WHERE x > 0;
-- @up
CREATE INDEX two_idx ON a (x, lower(y)) WHERE x > 0;
