-- Rule: index-not-concurrent
-- Transaction: none
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, slug text);
CREATE INDEX accounts_slug_idx ON accounts (slug);
-- @up
REINDEX INDEX CONCURRENTLY accounts_slug_idx;
