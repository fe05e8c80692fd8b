-- Rule: volatile-default
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int);
-- @up
ALTER TABLE accounts ADD double int GENERATED ALWAYS AS (a * 2) STORED;
