-- Rule: drop-column
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int, b int);
-- @up
ALTER TABLE accounts DROP COLUMN IF EXISTS a, DROP b;
