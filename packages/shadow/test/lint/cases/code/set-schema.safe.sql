-- Rule: rename-table
-- before
CREATE SCHEMA archive;
-- @up
CREATE TABLE accounts (id bigint PRIMARY KEY);
ALTER TABLE accounts SET SCHEMA archive;
