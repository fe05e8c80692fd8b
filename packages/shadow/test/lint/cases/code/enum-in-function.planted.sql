-- Rule: enum-value-used
-- before
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE people (id bigint PRIMARY KEY, mood mood);
-- @up
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm';
ALTER TABLE people ALTER mood SET DEFAULT 'calm';
