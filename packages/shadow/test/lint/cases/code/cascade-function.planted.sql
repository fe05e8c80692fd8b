-- Rule: cascade-drops
-- before
CREATE TYPE money_amount AS (n numeric, currency text);
CREATE FUNCTION plus(money_amount, money_amount) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';
-- @up
DROP TYPE money_amount CASCADE;
