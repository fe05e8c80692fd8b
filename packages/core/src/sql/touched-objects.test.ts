import { expect, test } from 'vitest'
import { formatTouchedObject, listTouchedObjects } from './touched-objects.ts'

test.each([
  ['CREATE TABLE IF NOT EXISTS public.a (id int REFERENCES b)', ['a']],
  ['ALTER TABLE ONLY app."Order" ADD x int', ['app."Order"']],
  ['CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)', ['a']],
  ['CREATE TRIGGER t BEFORE UPDATE OF x ON a EXECUTE FUNCTION f()', ['a']],
  ['DROP POLICY IF EXISTS p ON a', ['a']],
  ['DROP TABLE a, app.b CASCADE', ['a', 'app.b']],
  ['CREATE OR REPLACE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$', ['function app.f']],
  ['DROP FUNCTION f(int), g', ['function f', 'function g']],
  ['CREATE TYPE mood AS ENUM ()', ['type mood']],
  ['INSERT INTO a SELECT * FROM b', ['a']],
  ['UPDATE ONLY a SET x = 1', ['a']],
  ['DELETE FROM a', ['a']],
  ['TRUNCATE TABLE a, b', ['a', 'b']],
  ['COPY a (x) FROM stdin', ['a']],
  ['COMMENT ON COLUMN a.x IS $$t$$', ['a']],
  ['GRANT SELECT ON a TO app', ['a']],
  ['REFRESH MATERIALIZED VIEW CONCURRENTLY v', ['v']],
  ['SELECT * FROM a', []],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app', []],
])('%s touches %j', (sql, objects) => {
  expect(listTouchedObjects(sql, { start: 0, end: sql.length }).map(formatTouchedObject)).toEqual(objects)
})
