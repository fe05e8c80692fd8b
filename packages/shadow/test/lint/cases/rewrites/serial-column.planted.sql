-- Rule: volatile-default
-- before
CREATE TABLE accounts (slug text);
-- @up
ALTER TABLE accounts ADD COLUMN number bigserial;
