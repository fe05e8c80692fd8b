-- Migration: 001_create_notes
-- Description: Notes of one line
-- Type: create_table
-- Depends on: []

-- @up
CREATE TABLE notes (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text text NOT NULL CHECK (text <> '')
);

-- @down
DROP TABLE notes;
