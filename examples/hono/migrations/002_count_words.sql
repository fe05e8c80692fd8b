-- Migration: 002_count_words
-- Description: Count the words of every note; long, so nothing waits for it but the page that shows them
-- Type: update_data
-- Depends on: [001_create_notes]
-- Blocking: false

-- @up
ALTER TABLE notes ADD words integer;
UPDATE notes SET words = cardinality(regexp_split_to_array(trim(text), '\s+'));

-- @down
ALTER TABLE notes DROP words;
