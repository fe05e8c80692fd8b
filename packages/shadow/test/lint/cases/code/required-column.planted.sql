-- Rule: required-column
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
ALTER TABLE accounts ADD plan text, ALTER plan SET NOT NULL;
