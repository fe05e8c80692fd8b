-- Rule: refresh-not-concurrent
-- before
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE MATERIALIZED VIEW app_totals AS SELECT count(*) AS n FROM a;
-- @up
REFRESH MATERIALIZED VIEW public.app_totals WITH DATA;
