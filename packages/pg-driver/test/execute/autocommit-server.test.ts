import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { indexes, none, progress } from '../support/autocommit-suite.ts'
import { buildThroughKills, isFree } from '../support/build-through-kills.ts'
import { startRunnerProcess } from '../support/runner-process.ts'
import { createServerHarness, type ServerHarness, until } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
const start = async (files: Parameters<typeof createServerHarness>[0], before: string) => {
  harness = await createServerHarness(files)
  await harness.database.query(before)
  return harness
}
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

/** Rows of which each takes its time to be indexed, while `slow` says so. */
const SLOW_TABLE = `
  CREATE TABLE pace (ms float); INSERT INTO pace VALUES (100);
  CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
  BEGIN PERFORM pg_sleep((SELECT ms FROM public.pace) / 1000); RETURN id; END $$;
  CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 1000)`
const HURRY = 'UPDATE pace SET ms = 0'
const BUILD = none('SELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (slow(id));')

const builders = (h: ServerHarness) =>
  h.database.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE 'building%'",
  )
const isBuilding = async (h: ServerHarness) => (await builders(h)).length > 0
test('an index whose runner was killed while building is dropped and built again', async () => {
  const files = { '001_a': BUILD }
  const h = await start(files, SLOW_TABLE)
  const child = await startRunnerProcess(h.server.url, files)
  await until(() => isBuilding(h))
  child.kill('SIGKILL')
  await until(() => isFree(h))
  expect(await indexes(h)).toEqual(['a_idx invalid'])
  expect(await progress(h)).toEqual([{ status: 'running', statements_done: 1, direction: 'up', left: true }])
  await h.database.query(HURRY)
  expect((await h.up()).done).toEqual(['001_a'])
  expect(await indexes(h)).toEqual(['a_idx valid'])
  expect(
    await h.database.query('SELECT status::text, error_message FROM migration_history ORDER BY executed_at'),
  ).toEqual([
    { status: 'failed', error_message: 'the run ended before the migration did' },
    { status: 'completed', error_message: null },
  ])
})

test('a build of which two runners were killed, each at another moment, is done once and valid', async () => {
  harness = await buildThroughKills([0, 150])
})

test('an index whose server process was ended while building is dropped and built again', async () => {
  const h = await start({ '001_a': BUILD }, SLOW_TABLE)
  const run = h.fail()
  await until(() => isBuilding(h))
  const [builder] = await builders(h)
  await h.database.query(`SELECT pg_terminate_backend(${builder?.pid})`)
  expect(await run).toMatchObject({
    code: 'TM5007',
    details: {
      migration: '001_a',
      databaseState: 'Of "001_a" 1 statement is done; the next run continues after that.',
    },
  })
  expect(await indexes(h)).toEqual(['a_idx invalid'])
  expect(await progress(h)).toEqual([{ status: 'failed', statements_done: 1, direction: 'up', left: true }])
  await h.database.query(HURRY)
  await h.up()
  expect(await indexes(h)).toEqual(['a_idx valid'])
})

test('an interrupted build is reported, and resumed by the next run', async () => {
  const h = await start({ '001_a': BUILD }, SLOW_TABLE)
  const controller = new AbortController()
  const run = h.fail({}, { signal: controller.signal })
  await until(() => isBuilding(h))
  controller.abort()
  expect(await run).toMatchObject({
    code: 'TM5008',
    message: 'interrupted during "001_a"',
    details: { databaseState: 'Of "001_a" 1 statement is done; the next run continues after that.' },
  })
  await h.database.query(HURRY)
  await h.up()
  expect(await indexes(h)).toEqual(['a_idx valid'])
})

test('a REINDEX that was ended leaves nothing behind once it is resumed', async () => {
  const h = await start(
    { '001_a': none('REINDEX TABLE CONCURRENTLY a;') },
    `${SLOW_TABLE}; UPDATE pace SET ms = 0; CREATE INDEX a_idx ON a (slow(id)); UPDATE pace SET ms = 100`,
  )
  const run = h.fail()
  await until(() => isBuilding(h))
  const [builder] = await builders(h)
  await h.database.query(`SELECT pg_terminate_backend(${builder?.pid})`)
  await run
  expect(await indexes(h)).toEqual(['a_idx valid', 'a_idx_ccnew invalid'])
  await h.database.query(HURRY)
  await h.up()
  expect(await indexes(h)).toEqual(['a_idx valid'])
})

test.each([
  { what: 'runs something before it', fixed: 'SET statement_timeout = 0;\nREINDEX TABLE CONCURRENTLY a;' },
  { what: 'does without it', fixed: 'SELECT 1;' },
  { what: 'is empty from there on', fixed: '' },
])('a REINDEX that was ended leaves nothing behind when the fixed file $what', async ({ fixed }) => {
  const h = await start(
    { '001_a': none('SELECT 0;\nREINDEX TABLE CONCURRENTLY a;') },
    `${SLOW_TABLE}; UPDATE pace SET ms = 0; CREATE INDEX a_idx ON a (slow(id)); UPDATE pace SET ms = 100`,
  )
  const run = h.fail()
  await until(() => isBuilding(h))
  const [builder] = await builders(h)
  await h.database.query(`SELECT pg_cancel_backend(${builder?.pid})`)
  await run
  expect(await indexes(h)).toEqual(['a_idx valid', 'a_idx_ccnew invalid'])
  await h.database.query(HURRY)
  h.files = { '001_a': none(`SELECT 0;\n${fixed}`) }
  await h.up()
  expect(await indexes(h)).toEqual(['a_idx valid'])
})

test.for(['TABLE CONCURRENTLY a', 'SCHEMA CONCURRENTLY public'])(
  'a REINDEX %s that was ended leaves nothing behind in the TOAST table either',
  async (what) => {
    const h = await start(
      { '001_a': none(`REINDEX ${what};`) },
      `${SLOW_TABLE}; UPDATE pace SET ms = 0; ALTER TABLE a ADD t text; CREATE INDEX a_idx ON a (slow(id)); UPDATE pace SET ms = 100`,
    )
    const invalid = () =>
      h.database.query(
        'SELECT n.nspname, count(*)::int FROM pg_index i JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE NOT indisvalid GROUP BY 1 ORDER BY 1',
      )
    const run = h.fail()
    await until(() => isBuilding(h))
    const [builder] = await builders(h)
    await h.database.query(`SELECT pg_terminate_backend(${builder?.pid})`)
    await run
    expect(await invalid()).toEqual([
      { nspname: 'pg_toast', count: expect.any(Number) },
      { nspname: 'public', count: expect.any(Number) },
    ])
    await h.database.query(HURRY)
    await h.up()
    expect(await invalid()).toEqual([])
  },
)

const PARTITIONED =
  'CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)'
const DETACH = none('ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\nINSERT INTO p1 VALUES (1);')
const attached = (h: ServerHarness) =>
  h.database.query('SELECT inhrelid::regclass::text AS name, inhdetachpending AS pending FROM pg_inherits')

/** Ends the server process of a detach that waits for a reader. */
async function halfDetach(h: ServerHarness): Promise<void> {
  const reader = await h.connect()
  await reader.query('BEGIN; SELECT * FROM p')
  const run = h.fail()
  const isPending = async () => JSON.stringify(await attached(h)).includes('true')
  await until(isPending)
  await h.database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'ALTER TABLE p DETACH%'",
  )
  await run
  expect(await attached(h)).toEqual([{ name: 'p1', pending: true }])
  await reader.query('COMMIT')
}

test('a DETACH PARTITION CONCURRENTLY that was ended half done is made final', async () => {
  const h = await start({ '001_a': DETACH }, PARTITIONED)
  await halfDetach(h)
  expect((await h.up()).done).toEqual(['001_a'])
  expect(await attached(h)).toEqual([])
  expect(await h.database.query('SELECT id FROM p1')).toEqual([{ id: 1 }])
})

test('a DETACH PARTITION CONCURRENTLY whose effect is there is done', async () => {
  const h = await start({ '001_a': DETACH }, PARTITIONED)
  await halfDetach(h)
  await h.database.query('ALTER TABLE p DETACH PARTITION p1 FINALIZE')
  expect((await h.up()).done).toEqual(['001_a'])
  expect(await h.database.query('SELECT id FROM p1')).toEqual([{ id: 1 }])
})

test('a DETACH PARTITION CONCURRENTLY behind a reader gives way and is tried again', async () => {
  const h = await start({ '001_a': DETACH }, PARTITIONED)
  const reader = await h.connect()
  await reader.query('BEGIN; SELECT * FROM p')
  const run = h.up({ lockTimeoutMs: 100 })
  await until(() => h.events.filter(({ kind }) => kind === 'step_retry').length >= 2)
  await reader.query('COMMIT')
  expect((await run).done).toEqual(['001_a'])
  expect(await attached(h)).toEqual([])
})

test('a detach that was pending before is not taken for one of this file', async () => {
  const h = await start({ '001_a': DETACH }, PARTITIONED)
  await halfDetach(h)
  h.files = { '002_b': DETACH }
  expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { sqlState: '55000' } })
  expect(await attached(h)).toEqual([{ name: 'p1', pending: true }])
})

/** Whether a session of the database has waited for a lock as long as that. */
const hasWaitedFor = async (h: ServerHarness, interval: string) =>
  (
    await h.database.query(
      `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database() AND clock_timestamp() - waitstart > '${interval}'`,
    )
  ).length > 0

test('the limit of a lock wait is not for CONCURRENTLY: an index is built behind a writer', async () => {
  const h = await start(
    { '001_a': none('CREATE INDEX CONCURRENTLY a_idx ON a (id);') },
    'CREATE TABLE a (id int)',
  )
  const writer = await h.connect()
  await writer.query('BEGIN; INSERT INTO a VALUES (1)')
  const run = h.up({ lockTimeoutMs: 100 })
  await until(() => hasWaitedFor(h, '400 ms'))
  await writer.query('COMMIT')
  await run
  expect(await indexes(h)).toEqual(['a_idx valid'])
  expect(h.events.filter(({ kind }) => kind === 'step_retry')).toEqual([])
})

test('a build that timed out behind a writer is resumed', async () => {
  const file = `-- Statement timeout: 4s\n${none('CREATE INDEX CONCURRENTLY a_idx ON a (id);')}`
  const h = await start({ '001_a': file }, 'CREATE TABLE a (id int)')
  const writer = await h.connect()
  await writer.query('BEGIN; INSERT INTO a VALUES (1)')
  const error = await h.fail()
  expect(error).toMatchObject({
    code: 'TM5004',
    details: { sqlState: '57014', invalidIndex: 'public.a_idx' },
  })
  expect(error.details['blockers']).toEqual([expect.stringContaining('idle in transaction')])
  expect(await indexes(h)).toEqual(['a_idx invalid'])
  await writer.query('COMMIT')
  await h.up()
  expect(await indexes(h)).toEqual(['a_idx valid'])
})

test('a file that limits lock waits itself is tried again, each time from a clean state', async () => {
  const h = await start(
    { '001_a': none("SET lock_timeout = '200ms';\nCREATE INDEX CONCURRENTLY a_idx ON a (id);") },
    'CREATE TABLE a (id int)',
  )
  const writer = await h.connect()
  await writer.query('BEGIN; INSERT INTO a VALUES (1)')
  const run = h.up()
  await until(() => h.events.filter(({ kind }) => kind === 'step_retry').length >= 2)
  await writer.query('COMMIT')
  await run
  expect(await indexes(h)).toEqual(['a_idx valid'])
})

test('a statement that waits for a lock gives way and is tried again', async () => {
  const h = await start(
    { '001_a': none('INSERT INTO b VALUES (1);\nALTER TABLE a ADD COLUMN n int;') },
    'CREATE TABLE a (id int); CREATE TABLE b (id int)',
  )
  const reader = await h.connect()
  await reader.query('BEGIN; SELECT * FROM a')
  const run = h.up({ lockTimeoutMs: 100 })
  await until(() => h.events.some(({ kind }) => kind === 'step_retry'))
  await reader.query('COMMIT')
  await run
  expect(await h.database.query('SELECT id FROM b')).toEqual([{ id: 1 }])
})

test('a procedure that commits each batch, killed at half, keeps its batches, and a second run completes it', async () => {
  const files = { '001_a': none('CALL backfill();') }
  const h = await start(
    files,
    `CREATE TABLE pace (ms float); INSERT INTO pace VALUES (200);
     CREATE TABLE a (id int, done bool); INSERT INTO a SELECT generate_series(1, 1000), false;
     CREATE PROCEDURE backfill() LANGUAGE plpgsql AS $$
     BEGIN
       LOOP
         UPDATE a SET done = true WHERE id IN (SELECT id FROM a WHERE NOT done ORDER BY id LIMIT 10);
         EXIT WHEN NOT FOUND;
         COMMIT;
         PERFORM pg_sleep((SELECT ms FROM pace) / 1000);
       END LOOP;
     END $$`,
  )
  const finished = async () =>
    (await h.database.query<{ n: number }>('SELECT count(*)::int AS n FROM a WHERE done'))[0]?.n ?? 0
  const child = await startRunnerProcess(h.server.url, files)
  await until(async () => (await finished()) >= 50)
  child.kill('SIGKILL')
  await until(() => isFree(h))
  const kept = await finished()
  expect(kept).toBeGreaterThanOrEqual(50)
  expect(kept).toBeLessThan(1000)
  await h.database.query(HURRY)
  await h.up()
  expect(await finished()).toBe(1000)
  expect(await h.rows()).toEqual(['001_a completed'])
})

test('I1: five runners start while an index is built on 100,000 rows, and all exit 0', async () => {
  const files = {
    '001_a': 'CREATE TABLE big AS SELECT id, md5(id::text) AS t FROM generate_series(1, 100000) AS id;',
    '002_b': none(
      'CREATE INDEX CONCURRENTLY big_idx ON big (t);\nCREATE INDEX CONCURRENTLY big_id ON big (id);',
    ),
    '003_c': 'CREATE TABLE c (id int);',
  }
  const h = await start(files, 'SELECT 1')
  const children = await Promise.all([1, 2, 3, 4, 5].map(() => startRunnerProcess(h.server.url, files)))
  const codes = await Promise.all(
    children.map(async (child) => child.exitCode ?? (await once(child, 'exit'))[0]),
  )
  expect(codes).toEqual([0, 0, 0, 0, 0])
  expect(await indexes(h)).toEqual(['big_id valid', 'big_idx valid'])
  expect(
    await h.database.query(
      'SELECT migration_id, status::text FROM migration_history ORDER BY migration_id, executed_at',
    ),
  ).toEqual(['001_a', '002_b', '003_c'].map((id) => ({ migration_id: id, status: 'completed' })))
  expect(
    await h.database.query('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()'),
  ).toEqual([{ deadlocks: 0 }])
})

const SCANNING = 'building index: scanning table'

test.each([
  ['CONCURRENTLY', BUILD],
  ['in a transaction', 'SELECT 1;\nCREATE UNIQUE INDEX a_idx ON a (slow(id));'],
])('events tell how far the build of an index is: %s', async (_, file) => {
  const h = await start({ '001_a': file }, SLOW_TABLE)
  const controller = new AbortController()
  const run = h.fail(
    {},
    {
      signal: controller.signal,
      onEvent(event) {
        h.events.push(event)
        if (event.kind === 'statement_progress' && event.phase === SCANNING) controller.abort()
      },
    },
  )
  expect(await run).toMatchObject({ code: 'TM5008' })
  const progress = h.events.flatMap((event) => (event.kind === 'statement_progress' ? [event] : []))
  expect(progress.length).toBeGreaterThan(0)
  expect(new Set(progress.map(({ id, index }) => `${id}/${index}`))).toEqual(new Set(['001_a/1']))
  expect(progress.map(({ phase }) => phase)).toContain(SCANNING)
})
