-- Rule: scan-under-lock
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, age int);
-- @up
ALTER TABLE accounts ADD CONSTRAINT age_check CHECK (age > 0) NOT VALID;
ALTER TABLE accounts VALIDATE CONSTRAINT age_check;
