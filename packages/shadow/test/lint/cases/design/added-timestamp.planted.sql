-- Rule: timestamp-without-zone
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
-- @up
ALTER TABLE a ADD COLUMN at timestamp(3);
