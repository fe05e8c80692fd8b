-- Rule: int4-key
-- before
SELECT 1;
-- @up
CREATE TABLE countries (code smallint PRIMARY KEY, name text);
