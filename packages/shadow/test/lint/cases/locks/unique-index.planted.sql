-- Rule: index-not-concurrent
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, slug text NOT NULL);
-- @up
CREATE UNIQUE INDEX IF NOT EXISTS accounts_slug_key ON accounts (lower(slug)) WHERE slug <> '';
