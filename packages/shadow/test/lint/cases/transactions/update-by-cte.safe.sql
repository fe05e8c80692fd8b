-- Rule: unbatched-dml
-- before
CREATE TABLE a (id bigint PRIMARY KEY, n int);
-- @up
WITH source AS (SELECT 7 AS id) UPDATE a SET n = 1 WHERE id = 7;
