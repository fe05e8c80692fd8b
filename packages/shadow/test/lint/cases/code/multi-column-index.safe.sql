-- Rule: dropped-column-in-use
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, tenant bigint, a int);
CREATE INDEX tenant_idx ON accounts (tenant);
-- @up
ALTER TABLE accounts DROP COLUMN a;
