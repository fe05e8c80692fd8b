-- Rule: rewrite
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
ALTER TABLE accounts CLUSTER ON accounts_pkey;
