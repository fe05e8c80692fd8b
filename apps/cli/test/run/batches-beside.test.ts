import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectToServer } from '@tidemark/pg-driver/engine'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILL = `-- Depends on: [001_orders]
-- Batches: orders by id, size 100, pause 20ms
-- Blocking: false
-- @up
UPDATE orders SET total = 1 / (7000 - id) WHERE id BETWEEN $1 AND $2;
`

const FILES = {
  'migrations/001_orders.sql': `-- @up
CREATE TABLE orders (id int PRIMARY KEY, total int);
CREATE TABLE notes (id int PRIMARY KEY);
INSERT INTO notes VALUES (1), (2);
INSERT INTO orders (id) SELECT n * 10 FROM generate_series(1, 1000) n;
ANALYZE orders;
`,
  'migrations/002_fill.sql': FILL,
  'migrations/003_notes.sql': `-- Depends on: [001_orders]
-- @up
SELECT 1;
-- @down
DELETE FROM notes;
`,
  'dbmate/20240101000000_extra.sql': `-- Batches: orders by id
-- migrate:up
CREATE TABLE extra (id int PRIMARY KEY);

-- migrate:down
DROP TABLE extra;
`,
}

/** A project whose backfill has failed half way. */
async function openHalfDone(): Promise<Project> {
  const project = await openProject(FILES, 'server')
  expect((await project.run(['up'])).code).toBe(1)
  expect(await progress(project)).toEqual([{ cursor: '6000', rows: '600' }])
  return project
}

async function progress({ server }: Project) {
  return server?.query(
    `SELECT progress->>'cursor' AS cursor, progress->>'rows' AS rows FROM schema_migrations WHERE id = '002_fill'`,
  )
}

const fixed = FILL.replace('1 / (7000 - id)', '1')

test('up goes on with a corrected statement, and says which rows have the old one', async () => {
  const project = await openHalfDone()
  await project.write('migrations/002_fill.sql', fixed)
  const { code, stderr } = await project.run(['up'])
  expect([code, stderr]).toEqual([
    0,
    `migrations/002_fill.sql:5:1 warning TM4010: the @up of "002_fill" has changed since it was partly done: up to id = 6000 (600 rows) as it was before, the rest as it is now
5 | UPDATE orders SET total = 1 WHERE id BETWEEN $1 AND $2;
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: if the rows that are done are right, run it; else restore the file, or undo by hand what is done and start over: tidemark mark 002_fill --as pending

`,
  ])
})

test('rehearse says that it runs in batches, and leaves the walk where it is', async () => {
  const project = await openHalfDone()
  await project.write('migrations/002_fill.sql', fixed)
  await project.server?.query(
    "UPDATE pg_class SET reltuples = 5000000, relpages = 300000 WHERE relname = 'orders'",
  )
  const { code, stdout } = await project.run(['rehearse'])
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining(`What happens to what is there
  002_fill  in batches of orders by id, here all at once
    line 5  changes rows of public.orders (`),
  ])
  expect(stdout).toContain('✓ no finding')
  const json = JSON.parse((await project.run(['rehearse', '--json'])).stdout)
  expect(json.migrations[0].batches).toEqual({ table: 'orders', column: 'id' })
  expect(await progress(project)).toEqual([{ cursor: '6000', rows: '600' }])
})

test('import adds its files beside it, whose comments are no header', async () => {
  const project = await openHalfDone()
  const imported = await project.run(['import', 'dbmate', '--from', 'dbmate'])
  expect([imported.code, imported.stderr]).toEqual([0, ''])
  const text = await readFile(join(project.folder, 'migrations/20240101000000_extra.sql'), 'utf8')
  expect(text).toContain('-- Batches: orders by id')
  expect((await project.run(['validate'])).code).toBe(0)
  await project.write('migrations/002_fill.sql', fixed)
  expect((await project.run(['up', '-q'])).code).toBe(0)
  expect(await project.server?.query('SELECT count(*)::int AS n FROM orders WHERE total IS NULL')).toEqual([
    { n: 0 },
  ])
})

test('import --adopt records what the other tool applied, and leaves the walk where it is', async () => {
  const project = await openHalfDone()
  await project.server?.query(
    `CREATE SCHEMA dbmate; CREATE TABLE dbmate.migrations (version varchar PRIMARY KEY); INSERT INTO dbmate.migrations VALUES ('20240101000000')`,
  )
  const args = ['import', 'dbmate', '--from', 'dbmate', '--adopt', '--table', 'dbmate.migrations', '--yes']
  const adopted = await project.run(args)
  expect([adopted.code, adopted.stderr]).toEqual([0, ''])
  expect(await progress(project)).toEqual([{ cursor: '6000', rows: '600' }])
  const status = await project.run(['status'])
  expect(status.stdout).toMatch(/002_fill +failed \(pending\), 60 %, not blocking/)
  expect(status.stdout).toMatch(/20240101000000_extra +applied/)
})

test('restore gets in between two batches of a walk, and the walk goes on', async () => {
  const project = await openProject(FILES, 'server')
  await project.write('migrations/002_fill.sql', fixed)
  expect((await project.run(['up', '--target', '003_notes', '-q'])).code).toBe(0)
  expect((await project.run(['down', '--target', '003_notes', '--backup', '--yes', '-q'])).code).toBe(0)
  const application = await connectToServer({
    url: project.database,
    applicationName: 'application',
    timeoutMs: 10_000,
  })
  try {
    // The second batch waits for this row until the restore waits for the run.
    await application.query('BEGIN; UPDATE orders SET total = 0 WHERE id = 1500')
    const walk = project.run(['up', '--target', '002_fill', '--lock-timeout', '10min'])
    await until(
      project,
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'`,
    )
    const restored = project.run(['restore', 'last', '--yes'])
    await until(
      project,
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND database =
         (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    await application.query('COMMIT')
    expect((await restored).stdout).toContain('✓ 1 table restored.')
    expect(await project.server?.query('SELECT count(*)::int AS n FROM notes')).toEqual([{ n: 2 }])
    const { code, stderr } = await walk
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('another run is let in, then this one goes on'),
    ])
  } finally {
    await application.close()
  }
  expect(await project.server?.query('SELECT count(*)::int AS n FROM orders WHERE total IS NULL')).toEqual([
    { n: 0 },
  ])
})

/** Waits until a query has a row. */
async function until({ server }: Project, query: string): Promise<void> {
  while ((await server?.query(query))?.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
}
