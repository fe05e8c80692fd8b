-- Rule: constraint-builds-index
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
ALTER TABLE accounts ADD COLUMN slug text UNIQUE;
