-- Rule: locks-many-tables
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY);
-- @up
LOCK TABLE a, b IN ACCESS EXCLUSIVE MODE;
