-- Rule: index-not-concurrent
-- before
SELECT 1;
-- @up
CREATE TABLE "Order Lines" (id bigint PRIMARY KEY, "Sku" text);
DO $do$ BEGIN EXECUTE format('CREATE INDEX %I ON %I (%I)', 'sku_idx', 'Order Lines', 'Sku'); END $do$;
