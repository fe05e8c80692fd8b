import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILES = {
  'migrations/001_orders.sql': `-- @up
CREATE TABLE orders (id int PRIMARY KEY, total int);
INSERT INTO orders (id) SELECT n * 10 FROM generate_series(1, 1000) n;
ANALYZE orders;
-- @down
DROP TABLE orders;
`,
  'migrations/002_fill.sql': `-- Depends on: [001_orders]
-- Batches: orders by id, size 300
-- Blocking: false
-- @up
UPDATE orders SET total = 1 WHERE id BETWEEN $1 AND $2;
-- @down
DELETE FROM orders WHERE id BETWEEN $1 AND $2;
`,
}

test('plan, up, status and history show a backfill', async () => {
  const { run, write, server } = await openProject(FILES, 'server')
  expect((await run(['up', '--target', '001_orders', '-q'])).code).toBe(0)
  expect((await run(['plan'])).stdout).toBe(`tidemark  <database>  1 pending of 2

  1  002_fill  pending
     · in batches of orders by id, id from 10 to 10000, about 1000 rows, 300 rows each, about 4 batches

Nothing was changed. Execute it with \`tidemark up\`.
`)
  expect(JSON.parse((await run(['plan', '--json'])).stdout)).toMatchObject({
    steps: [
      {
        batches: {
          table: 'orders',
          column: 'id',
          size: 300,
          rows: 1000,
          first: '10',
          last: '10000',
          count: 4,
        },
      },
    ],
  })
  const stopped = await run(['up', '--batches-for', '0'])
  expect(stopped).toMatchObject({ code: 3, stderr: '' })
  expect(stopped.stdout).toMatch(
    /^002_fill stopped before its first batch after <time>; it is pending, and the next `tidemark up` continues it$/m,
  )
  await write(
    'migrations/002_fill.sql',
    FILES['migrations/002_fill.sql'].replace('total = 1', 'total = 1 / (7000 - id)'),
  )
  const failed = await run(['up'])
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain(
    '"002_fill" is done up to id = 6000 (2 batches, 600 rows) and that stays; the next run continues after it.',
  )
  const status = await run(['status'])
  expect([status.code, status.stdout]).toEqual([
    3,
    expect.stringContaining('failed (pending), 60 %, not blocking'),
  ])
  expect(JSON.parse((await run(['status', '--json'])).stdout).migrations[1].progress).toEqual({
    direction: 'up',
    rows: 600,
    batches: 2,
    walks: 1,
    size: 300,
    percent: 60,
  })
  expect((await run(['plan'])).stdout).toContain('goes on')
  await write('migrations/002_fill.sql', FILES['migrations/002_fill.sql'])
  const done = JSON.parse((await run(['up', '--json'])).stdout)
  expect([done.outcome, done.done.map(({ id }: { id: string }) => id)]).toEqual(['done', ['002_fill']])
  expect(await server?.query('SELECT count(*)::int AS n FROM orders WHERE total IS NULL')).toEqual([{ n: 0 }])
  const refused = await run(['down', '--backup', '--yes'])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('TM6030')])
  expect((await run(['down', '--yes'])).code).toBe(0)
  expect(await server?.query('SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 0 }])
})

test('new writes a backfill, and validate names what it lacks', async () => {
  const { run, folder, write } = await openProject(FILES)
  expect(
    await run(['new', 'fill_totals', '--batches', 'app."Orders".id', '--depends-on', '001_orders']),
  ).toEqual({
    code: 0,
    stdout: '✓ migrations/003_fill_totals.sql  (depends on 001_orders)\n',
    stderr: '',
  })
  expect(
    await readFile(join(folder, 'migrations/003_fill_totals.sql'), 'utf8'),
  ).toBe(`-- Migration: 003_fill_totals
-- Description: fill totals
-- Type: update_data
-- Depends on: [001_orders]
-- Batches: app."Orders" by id
-- Blocking: false

-- such as: UPDATE app."Orders" SET … WHERE id BETWEEN $1 AND $2 AND … IS NULL;
-- @up

-- @down
SELECT 1;

-- @verify
-- such as: SELECT count(*) = 0 FROM app."Orders" WHERE … IS NULL;
`)
  for (const wrong of ['orders', 'orders.', '.id', 'orders.id.', 'orders.a b']) {
    expect(await run(['new', 'x', '--batches', wrong])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`TM7008: --batches "${wrong}" is not a table and a column`),
    })
  }
  await write('migrations/003_fill_totals.sql', '-- Depends on: [001_orders]\n-- @up\nSELECT 1;\n')
  expect((await run(['show', '002_fill'])).stdout).toContain('batches      orders by id, size 300')
})

test('a squash does a backfill at once, since it runs on new databases', async () => {
  const { run, folder, server } = await openProject(FILES, 'server')
  expect(await run(['squash', 'base'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(
      'the whole table is one batch of 002_fill: on a new database it has few rows',
    ),
  })
  const squash = await readFile(join(folder, 'migrations/003_base.sql'), 'utf8')
  expect(squash).not.toMatch(/Batches:|\$[12]/)
  for (const file of Object.keys(FILES)) await rm(join(folder, file))
  expect((await run(['up'])).code).toBe(0)
  expect(await server?.query('SELECT total, count(*)::int AS rows FROM orders GROUP BY 1')).toEqual([
    { total: 1, rows: 1000 },
  ])
  expect((await run(['down', '--yes'])).code).toBe(0)
  expect(await server?.query("SELECT to_regclass('orders') AS orders")).toEqual([{ orders: null }])
})

test('a file in batches runs in the embedded database', async () => {
  const { run } = await openProject(FILES, 'embedded')
  const up = await run(['up'])
  expect([up.code, up.stdout]).toEqual([0, expect.stringMatching(/✓ 002_fill +<time> {3}in batches/)])
})
