-- Rule: cascade-drops
-- before
CREATE TABLE a (id bigserial PRIMARY KEY, b int);
CREATE INDEX a_b_idx ON a (b);
-- @up
DROP TABLE a CASCADE;
