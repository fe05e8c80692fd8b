-- Rule: index-not-concurrent
-- Transaction: none
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, slug text);
-- @up
CREATE INDEX CONCURRENTLY accounts_slug_idx ON accounts USING hash (slug);
