-- Rule: truncate-cascade
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY REFERENCES a);
CREATE TABLE c (id bigint PRIMARY KEY REFERENCES b);
-- @up
TRUNCATE a, b CASCADE;
