-- Rule: unbatched-dml
-- before
CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz, level text);
-- @up
DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE level = 'debug' ORDER BY id LIMIT 1000);
