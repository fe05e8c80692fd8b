-- Rule: drop-table
-- before
SELECT 1;
-- @up
CREATE TABLE tmp_import (id bigint PRIMARY KEY);
DROP TABLE tmp_import;
