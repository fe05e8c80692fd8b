-- Rule: fk-without-not-valid
-- before
CREATE TABLE nodes (id bigint PRIMARY KEY, parent_id bigint);
CREATE INDEX nodes_parent_idx ON nodes (parent_id);
-- @up
ALTER TABLE ONLY nodes ADD FOREIGN KEY (parent_id) REFERENCES nodes (id) ON DELETE CASCADE;
