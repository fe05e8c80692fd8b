-- Rule: drop-table
-- before
CREATE TABLE tmp_import (id bigint PRIMARY KEY);
CREATE FUNCTION tidy() RETURNS void LANGUAGE sql AS 'DROP TABLE tmp_import';
-- @up
SELECT tidy();
