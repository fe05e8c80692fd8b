-- Rule: refresh-not-concurrent
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
-- @up
CREATE MATERIALIZED VIEW app_totals AS SELECT count(*) AS n FROM a;
REFRESH MATERIALIZED VIEW public.app_totals;
