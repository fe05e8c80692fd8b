-- Rule: index-not-concurrent
-- before
CREATE TABLE "Order Lines" (id bigint PRIMARY KEY, "Sku" text);
-- @up
DO $do$ BEGIN EXECUTE format('CREATE INDEX %I ON %I (%I)', 'sku_idx', 'Order Lines', 'Sku'); END $do$;
