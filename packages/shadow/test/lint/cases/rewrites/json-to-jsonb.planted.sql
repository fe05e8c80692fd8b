-- Rule: type-change-rewrite
-- before
CREATE TABLE accounts (id bigint PRIMARY KEY, settings json);
-- @up
ALTER TABLE accounts ALTER settings TYPE jsonb USING settings::jsonb;
