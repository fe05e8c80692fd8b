-- Rule: dropped-column-in-use
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, owner name);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON accounts USING (owner = current_user);
-- @up
DROP POLICY mine ON accounts;
ALTER TABLE accounts DROP COLUMN owner;
