-- Rule: type-change-rewrite
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, price numeric(10,2));
-- @up
ALTER TABLE accounts ALTER price TYPE numeric(14,2);
