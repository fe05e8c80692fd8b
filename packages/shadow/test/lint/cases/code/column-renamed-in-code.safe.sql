-- Rule: rename-column
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
DO $$ BEGIN EXECUTE 'ALTER TABLE accounts ADD full_name text'; END $$;
