-- Rule: constraint-builds-index
-- before
CREATE TABLE accounts (id bigint NOT NULL, slug text);
-- @up
ALTER TABLE accounts ADD PRIMARY KEY (id);
