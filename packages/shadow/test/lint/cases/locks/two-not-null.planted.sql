-- Rule: not-null-by-scan
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int, b int);
-- @up
ALTER TABLE accounts ALTER a SET NOT NULL, ALTER b SET NOT NULL;
