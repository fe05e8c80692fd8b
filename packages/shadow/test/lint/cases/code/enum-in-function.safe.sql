-- Rule: enum-value-used
-- before
CREATE TABLE people (id bigint PRIMARY KEY);
-- @up
CREATE TYPE mood AS ENUM ('sad', 'calm');
ALTER TABLE people ADD mood mood DEFAULT 'calm';
