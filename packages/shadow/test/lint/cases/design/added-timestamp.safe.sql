-- Rule: timestamp-without-zone
-- before
CREATE TABLE a (id bigint PRIMARY KEY, at timestamp);
-- @up
ALTER TABLE a ADD COLUMN day date;
