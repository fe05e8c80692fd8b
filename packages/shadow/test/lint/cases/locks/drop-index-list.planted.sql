-- Rule: drop-index-not-concurrent
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int, b int);
CREATE INDEX a_idx ON accounts (a);
CREATE INDEX b_idx ON accounts (b);
-- @up
DROP INDEX IF EXISTS a_idx, b_idx;
