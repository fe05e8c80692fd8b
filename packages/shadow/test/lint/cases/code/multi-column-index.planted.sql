-- Rule: dropped-column-in-use
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, tenant bigint, a int);
CREATE INDEX tenant_a_idx ON accounts (tenant, a);
-- @up
ALTER TABLE accounts DROP COLUMN a;
