-- Rule: rewrite
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
CLUSTER accounts USING accounts_pkey;
