-- Rule: rename-table
-- before
CREATE SCHEMA archive;
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
ALTER TABLE accounts SET SCHEMA archive;
