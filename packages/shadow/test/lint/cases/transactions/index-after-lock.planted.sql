-- Rule: work-under-lock
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, n int);
-- @up
ALTER TABLE a ADD COLUMN x int;
ALTER TABLE b ADD CONSTRAINT n_check CHECK (n > 0);
