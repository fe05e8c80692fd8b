-- Rule: rename-column
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, name text);
-- @up
DO $$ BEGIN EXECUTE 'ALTER TABLE accounts RENAME name TO full_name'; END $$;
