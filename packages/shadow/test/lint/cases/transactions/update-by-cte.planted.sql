-- Rule: unbatched-dml
-- before
CREATE TABLE a (id bigint PRIMARY KEY, n int);
CREATE TABLE b (id bigint PRIMARY KEY, n int);
-- @up
WITH source AS (SELECT id, n FROM b) UPDATE a SET n = source.n FROM source WHERE source.id = a.id;
