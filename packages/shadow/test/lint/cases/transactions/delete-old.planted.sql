-- Rule: unbatched-dml
-- before
CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz, level text);
-- @up
DELETE FROM logs WHERE at < now() - interval '90 days' AND level <> 'error';
