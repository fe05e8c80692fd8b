-- Rule: drop-index-not-concurrent
-- Transaction: none
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int, b int);
CREATE INDEX a_idx ON accounts (a);
CREATE INDEX b_idx ON accounts (b);
-- @up
DROP INDEX CONCURRENTLY a_idx;
DROP INDEX CONCURRENTLY b_idx;
