-- Rule: work-under-lock
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, n int);
-- @up
ALTER TABLE a ADD COLUMN x int;
CREATE TABLE c (id bigint PRIMARY KEY, n int);
CREATE INDEX c_n_idx ON c (n);
