import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCatalog, readData } from './read-catalog.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

let one: TestDatabase
let two: TestDatabase
beforeAll(async () => {
  one = await createTestDatabase()
  two = await createTestDatabase()
  const schema = `
    CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x' NOT NULL, CHECK (a > 0));
    CREATE INDEX ON t (b); CREATE VIEW v AS SELECT a FROM t; CREATE TYPE e AS ENUM ('p', 'q');
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; INSERT INTO t VALUES (1)`
  await one.query(schema)
  await two.query(schema)
})
afterAll(async () => {
  await one.drop()
  await two.drop()
})

test('equal schemas give equal catalogs and data', async () => {
  expect(await readCatalog(one.url)).toEqual(await readCatalog(two.url))
  expect(await readData(one.url)).toEqual(['public.t (1,x)'])
})

test.each([
  ['a default', "ALTER TABLE t ALTER b SET DEFAULT 'y'"],
  ['an index', 'CREATE INDEX ON t (a)'],
  ['a function body', "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'"],
  ['an enum value', "ALTER TYPE e ADD VALUE 'r'"],
  ['row security', 'ALTER TABLE t ENABLE ROW LEVEL SECURITY'],
  ['a privilege', 'GRANT SELECT ON t TO PUBLIC'],
  ['a comment', "COMMENT ON COLUMN t.a IS 'c'"],
])('%s that differs shows', async (_, change) => {
  const before = await readCatalog(two.url)
  await two.query(change)
  expect(await readCatalog(two.url)).not.toEqual(before)
})

test('the tracking tables are left out', async () => {
  const before = await readCatalog(one.url)
  await one.query(
    "CREATE TABLE schema_migrations (id text PRIMARY KEY); CREATE TYPE migration_status AS ENUM ('a')",
  )
  expect(await readCatalog(one.url)).toEqual(before)
})
