-- Rule: index-not-concurrent
-- Transaction: none
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, slug text NOT NULL);
-- @up
CREATE UNIQUE INDEX CONCURRENTLY accounts_slug_key ON accounts (lower(slug)) WHERE slug <> '';
