-- Rule: type-change-rewrite
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, name varchar(100));
-- @up
ALTER TABLE accounts ALTER COLUMN name SET DATA TYPE varchar(20);
