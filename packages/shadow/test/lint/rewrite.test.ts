import { compareCatalogs } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Shadow } from '../../src/index.ts'
import { pglite } from '../support/engines.ts'
import { execute, lint } from '../support/lint-sql.ts'

let shadow: Shadow
let connection: Connection

beforeAll(async () => {
  shadow = await pglite.open()
  connection = await shadow.connect()
  // The first schema "public" has other facets than those that are made after it.
  await execute(connection, [])
})
afterAll(async () => {
  await connection?.close()
  await shadow?.close()
})

const SCHEMA = `CREATE SCHEMA app;
CREATE TABLE app.users (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, "Total" int, note text);
CREATE INDEX orders_note ON orders (note);`

/** What takes the place of a statement, once it was executed in its place and ended with the same schema. */
async function rewrite(sql: string): Promise<readonly string[]> {
  const [, found] = await execute(connection, [SCHEMA, sql])
  if (found === undefined) throw new TypeError('the statement was executed')
  const [{ rewrite } = { rewrite: undefined }] = (await lint([found])).filter(
    (one) => one.rewrite !== undefined,
  )
  if (rewrite === undefined) return []
  const text = `-- Transaction: none\n-- @up\n${rewrite.join(';\n')};`
  const [, again] = await execute(connection, [SCHEMA, text])
  if (again === undefined) throw new TypeError('the statements were executed')
  expect(compareCatalogs(found.after, again.after)).toEqual([])
  expect((await lint([again])).filter(({ severity }) => severity === 'error')).toEqual([])
  return rewrite
}

test.each<[string, ...string[]]>([
  [
    'CREATE UNIQUE INDEX orders_user ON orders -- by user\n (user_id) WHERE note IS NULL;',
    'CREATE UNIQUE INDEX CONCURRENTLY orders_user ON orders -- by user\n (user_id) WHERE note IS NULL',
  ],
  ['create index on orders ("Total")', 'create index CONCURRENTLY "orders_Total_idx" on orders ("Total")'],
  ['DROP INDEX IF EXISTS orders_note;', 'DROP INDEX CONCURRENTLY IF EXISTS orders_note'],
  [
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK ("Total" > 0); -- always',
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK ("Total" > 0) NOT VALID',
    'ALTER TABLE orders VALIDATE CONSTRAINT positive',
  ],
  [
    'ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES app.users ON DELETE CASCADE;',
    'ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE NOT VALID',
    'ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey',
  ],
  [
    'ALTER TABLE orders ADD CONSTRAINT one_each UNIQUE NULLS NOT DISTINCT (user_id) INCLUDE (note);',
    'CREATE UNIQUE INDEX CONCURRENTLY one_each ON public.orders USING btree (user_id) INCLUDE (note) NULLS NOT DISTINCT',
    'ALTER TABLE orders ADD CONSTRAINT one_each UNIQUE USING INDEX one_each',
  ],
  [
    'ALTER TABLE orders ALTER COLUMN "Total" SET NOT NULL;',
    'ALTER TABLE orders ADD CONSTRAINT "Total_is_set" CHECK ("Total" IS NOT NULL) NOT VALID',
    'ALTER TABLE orders VALIDATE CONSTRAINT "Total_is_set"',
    'ALTER TABLE orders ALTER COLUMN "Total" SET NOT NULL',
    'ALTER TABLE orders DROP CONSTRAINT "Total_is_set"',
  ],
])('%s is done without harm, and ends with the same schema', async (sql, ...statements) => {
  expect(await rewrite(sql)).toEqual(statements)
})

test.each([
  ['several at once', 'ALTER TABLE orders ALTER note SET NOT NULL, ADD CONSTRAINT a CHECK (id > 0);'],
  ['code', 'DO $$ BEGIN CREATE INDEX orders_user ON orders (user_id); END $$;'],
  [
    'a primary key',
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey; ALTER TABLE orders ADD PRIMARY KEY (id);',
  ],
  ['what takes more with it', 'DROP INDEX orders_note CASCADE;'],
])('%s takes a person', async (_, sql) => {
  expect(await rewrite(sql)).toEqual([])
})
