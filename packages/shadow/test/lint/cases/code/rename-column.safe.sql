-- Rule: rename-column
-- before
CREATE SCHEMA app;
CREATE TABLE app.accounts (id bigint PRIMARY KEY, CONSTRAINT positive CHECK (id > 0));
-- @up
ALTER TABLE app.accounts RENAME CONSTRAINT positive TO id_positive;
