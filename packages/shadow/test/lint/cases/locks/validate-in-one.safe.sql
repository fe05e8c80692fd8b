-- Rule: scan-under-lock
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, age int);
ALTER TABLE accounts ADD CONSTRAINT age_check CHECK (age > 0) NOT VALID;
-- @up
ALTER TABLE accounts VALIDATE CONSTRAINT age_check;
