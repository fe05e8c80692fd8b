-- Rule: fk-without-not-valid
-- before
CREATE TABLE nodes (id bigint PRIMARY KEY);
-- @up
ALTER TABLE nodes ADD COLUMN parent_id bigint REFERENCES nodes (id) ON DELETE CASCADE;
