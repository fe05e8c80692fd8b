-- Rule: not-null-by-scan
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, a int, b int, CHECK (a IS NOT NULL AND b IS NOT NULL));
-- @up
ALTER TABLE accounts ALTER a SET NOT NULL, ALTER b SET NOT NULL;
