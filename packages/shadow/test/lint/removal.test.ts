import type { LintFinding } from '@tidemark/lint'
import { describe, expect, test } from 'vitest'
import { execute, lint, useScratch } from '../support/lint-sql.ts'

const scratch = useScratch()

async function find(rule: string, sqls: readonly [string, ...string[]]): Promise<readonly LintFinding[]> {
  const [, ...plan] = await execute(scratch.connection, sqls)
  return (await lint(plan)).filter((one) => one.rule === rule)
}

describe('no-primary-key: a table that loses its key', () => {
  const TABLES = `CREATE SCHEMA app;
CREATE TABLE app."Order" (id bigint PRIMARY KEY, tenant int NOT NULL, number int NOT NULL);
CREATE TABLE lines (order_id bigint REFERENCES app."Order");
CREATE TABLE parts (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE parts_now PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`
  const LOST =
    'app."Order" loses its primary key: logical replication refuses to update its rows, and tools cannot distinguish them'

  test.each([
    [
      'by name, with what refers to it',
      'SELECT 1; ALTER TABLE app."Order" DROP CONSTRAINT "Order_pkey" CASCADE;',
      1,
    ],
    [
      'with its column',
      'ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey; ALTER TABLE app."Order" DROP COLUMN id;',
      1,
    ],
    [
      'in code',
      `DO $$ BEGIN EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT %I CASCADE', 'app', 'Order', 'Order_pkey'); END $$;`,
      0,
    ],
  ])('%s', async (_, sql, statement) => {
    const found = await find('no-primary-key', [TABLES, sql])
    expect(found.map((one) => [one.message, one.statement])).toEqual([[LOST, statement]])
  })

  test('of a partitioned table it is reported once', async () => {
    const found = await find('no-primary-key', [TABLES, 'ALTER TABLE parts DROP CONSTRAINT parts_pkey;'])
    expect(found.map(({ message }) => message)).toEqual([
      'parts loses its primary key: logical replication refuses to update its rows, and tools cannot distinguish them',
    ])
  })

  test('another key in its place, in this migration or a later one, is none', async () => {
    const drop = 'ALTER TABLE app."Order" DROP CONSTRAINT "Order_pkey" CASCADE'
    const add = 'ALTER TABLE app."Order" ADD PRIMARY KEY (tenant, number)'
    expect(await find('no-primary-key', [TABLES, `${drop}; ${add};`])).toEqual([])
    expect(await find('no-primary-key', [TABLES, `${drop};`, `${add};`])).toEqual([])
  })

  test('a table that is dropped or renamed with its key is none', async () => {
    expect(await find('no-primary-key', [TABLES, 'DROP TABLE app."Order" CASCADE;'])).toEqual([])
    expect(await find('no-primary-key', [TABLES, 'ALTER TABLE app."Order" RENAME TO orders;'])).toEqual([])
  })
})

describe('drop-table: a table that is emptied', () => {
  const TABLES = `CREATE SCHEMA app;
CREATE TABLE app."Order" (id bigint PRIMARY KEY);
CREATE TABLE cache (id bigint PRIMARY KEY);
CREATE TABLE parts (day date) PARTITION BY RANGE (day);
CREATE TABLE parts_now PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`

  test.each([
    [
      'TRUNCATE app."Order", cache;',
      ['TRUNCATE empties app."Order": its rows are lost', 'TRUNCATE empties cache: its rows are lost'],
    ],
    ['TRUNCATE TABLE ONLY cache RESTART IDENTITY;', ['TRUNCATE empties cache: its rows are lost']],
    ['TRUNCATE parts;', ['TRUNCATE empties parts: its rows are lost']],
    ['DO $$ BEGIN TRUNCATE cache; END $$;', ['TRUNCATE empties cache: its rows are lost']],
  ])('%s', async (sql, messages) => {
    const found = await find('drop-table', [TABLES, sql])
    expect(found.map(({ message }) => message)).toEqual(messages)
  })

  test('TRUNCATE in a DO block is no rewrite', async () => {
    expect(await find('rewrite', [TABLES, 'DO $$ BEGIN TRUNCATE cache; END $$;'])).toEqual([])
  })

  test('a new table, a temporary one and one that was emptied before are none', async () => {
    const sql = 'CREATE TABLE made (id bigint PRIMARY KEY); CREATE TEMP TABLE t (id int); TRUNCATE made, t;'
    expect(await find('drop-table', [TABLES, sql])).toEqual([])
    expect(await find('drop-table', [TABLES, 'TRUNCATE cache; TRUNCATE cache;'])).toHaveLength(1)
  })
})

test('what is wrong with an allowance is at its comment', async () => {
  const text = `-- tidemark: allow drop-table: nothing here drops one
-- @up
-- tidemark: allow drop-tabel: unused since May
-- tidemark: allow drop-column
ALTER TABLE a ADD COLUMN n int;
`
  const [, one] = await execute(scratch.connection, ['CREATE TABLE a (id bigint PRIMARY KEY)', text])
  if (one === undefined) throw new TypeError('the migration was executed')
  const { text: source } = one.migration.source
  const found = await lint([one])
  expect(found.map(({ rule, span }) => [rule, span && source.slice(span.start, span.end)])).toEqual([
    ['unused-allowance', '-- tidemark: allow drop-table: nothing here drops one'],
    ['invalid-allowance', '-- tidemark: allow drop-tabel: unused since May'],
    ['invalid-allowance', '-- tidemark: allow drop-column'],
  ])
})

describe('cascade-drops: what CASCADE itself drops', () => {
  const TABLES = `CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint CONSTRAINT owned REFERENCES customers, n int, CONSTRAINT small CHECK (n < 9));
CREATE INDEX by_customer ON orders (customer_id, n);
CREATE VIEW totals AS SELECT sum(n) FROM orders`

  test.each([
    [
      'ON DELETE CASCADE of a new foreign key',
      'ALTER TABLE orders DROP COLUMN customer_id; ALTER TABLE orders ADD COLUMN owner bigint REFERENCES customers ON DELETE CASCADE;',
      [],
    ],
    ['what goes with a column in any case', 'ALTER TABLE orders DROP COLUMN customer_id CASCADE;', []],
    ['a view', 'ALTER TABLE orders DROP COLUMN n CASCADE;', ['the view public.totals']],
    [
      'a foreign key of another table',
      'DROP TABLE customers CASCADE;',
      ['the constraint public.orders owned'],
    ],
    ['in code', 'DO $$ BEGIN DROP TABLE customers CASCADE; END $$;', ['the constraint public.orders owned']],
  ])('%s', async (_, sql, details) => {
    expect((await find('cascade-drops', [TABLES, sql])).flatMap((one) => one.details)).toEqual(details)
  })
})

test('a removal is at the statement that removes, not at one that uses it before', async () => {
  const schema =
    'CREATE TABLE a (id bigint PRIMARY KEY, n int); CREATE TABLE old (id int); CREATE TABLE new (n int)'
  const sql =
    'INSERT INTO new SELECT n FROM a; UPDATE a SET n = n WHERE id IN (SELECT id FROM old); ALTER TABLE a DROP COLUMN n; DROP TABLE old;'
  expect((await find('drop-column', [schema, sql])).map(({ statement }) => statement)).toEqual([2])
  expect((await find('drop-table', [schema, sql])).map(({ statement }) => statement)).toEqual([3])
})

describe('what code and a schema hide', () => {
  const SCHEMA = `CREATE SCHEMA app;
CREATE TABLE app."Order" (id bigint PRIMARY KEY);
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES app."Order");
CREATE TABLE notes (id bigint PRIMARY KEY, order_id bigint);
CREATE FUNCTION app.total() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION refer() RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN ALTER TABLE notes ADD FOREIGN KEY (order_id) REFERENCES app."Order"; END $$`

  test('TRUNCATE … CASCADE in a DO block', async () => {
    const found = await find('truncate-cascade', [
      SCHEMA,
      'DO $$ BEGIN TRUNCATE app."Order" CASCADE; END $$;',
    ])
    expect(found.map(({ message }) => message)).toEqual(['TRUNCATE also empties lines'])
  })

  test('what is in a schema that is dropped', async () => {
    const [found] = await find('cascade-drops', [SCHEMA, 'DROP SCHEMA app CASCADE;'])
    expect(found?.details).toEqual(
      expect.arrayContaining(['the table app."Order"', 'the function app.total()']),
    )
  })

  test('a foreign key that a function adds', async () => {
    const found = await find('fk-without-not-valid', [SCHEMA, 'SELECT refer();'])
    expect(found.map(({ message }) => message)).toEqual([
      'every row of notes is checked against app."Order" while writes to both wait',
    ])
    expect(await find('fk-without-not-valid', [SCHEMA, 'SELECT count(*) FROM notes;'])).toEqual([])
  })
})
