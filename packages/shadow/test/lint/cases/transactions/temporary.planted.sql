-- Rule: concurrent-not-resumable
-- Transaction: none
-- before
CREATE TABLE a (id bigint PRIMARY KEY, n int);
-- @up
CREATE TEMPORARY TABLE wanted (n int);
CREATE INDEX CONCURRENTLY a_n_idx ON a (n);
