-- Rule: drop-column
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int DEFAULT 1);
-- @up
ALTER TABLE accounts ALTER a DROP DEFAULT;
