-- Rule: rename-column
-- before
CREATE SCHEMA app;
CREATE TABLE app.accounts (id bigint PRIMARY KEY, "userName" text);
-- @up
ALTER TABLE app.accounts RENAME "userName" TO user_name;
