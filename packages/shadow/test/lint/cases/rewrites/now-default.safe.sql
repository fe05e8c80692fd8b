-- Rule: volatile-default
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY);
-- @up
ALTER TABLE accounts ADD created_at timestamptz NOT NULL DEFAULT now();
