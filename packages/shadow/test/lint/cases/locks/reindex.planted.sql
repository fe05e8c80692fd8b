-- Rule: index-not-concurrent
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, slug text);
CREATE INDEX accounts_slug_idx ON accounts (slug);
-- @up
REINDEX INDEX accounts_slug_idx;
