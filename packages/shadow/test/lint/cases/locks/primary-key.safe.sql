-- Rule: constraint-builds-index
-- before
CREATE TABLE accounts (id bigint NOT NULL, slug text);
CREATE UNIQUE INDEX accounts_pkey ON accounts (id);
-- @up
ALTER TABLE accounts ADD CONSTRAINT accounts_pkey PRIMARY KEY USING INDEX accounts_pkey;
