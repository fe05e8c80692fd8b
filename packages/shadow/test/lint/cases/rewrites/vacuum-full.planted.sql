-- Rule: rewrite
-- Transaction: none
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
VACUUM (FULL, ANALYZE) accounts;
