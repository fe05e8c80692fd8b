-- Rule: locks-unnamed-table
-- before
CREATE TABLE child (id bigint PRIMARY KEY);
-- @up
DROP TABLE child;
