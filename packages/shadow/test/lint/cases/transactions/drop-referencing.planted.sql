-- Rule: locks-unnamed-table
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE child (id bigint PRIMARY KEY REFERENCES a);
-- @up
DROP TABLE child;
