import { afterEach, expect, test } from 'vitest'
import { lockKey } from '../../src/lock/lock-key.ts'
import {
  createServerHarness,
  HELD,
  release,
  type ServerHarness,
  until,
  untilRunning,
} from '../support/server-harness.ts'

let harness: ServerHarness | undefined
const start = async (files: Parameters<typeof createServerHarness>[0]) => {
  harness = await createServerHarness(files)
  return harness
}
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

test('I1: 16 runners at once on an empty database, 3 rounds: each migration commits once, nobody fails', async () => {
  for (let round = 0; round < 3; round += 1) {
    const h = await start({
      '001_a': 'CREATE TABLE a (id int);',
      '002_b': '-- Depends on: [001_a]\n-- @up\nINSERT INTO a VALUES (1);',
      '003_c': 'CREATE TABLE c (id int);',
    })
    const results = await Promise.all(Array.from({ length: 16 }, () => h.runner().runMigrations()))
    expect(results.flatMap((result) => result.done)).toEqual(['001_a', '002_b', '003_c'])
    expect(await h.database.query('SELECT count(*)::int AS n FROM a')).toEqual([{ n: 1 }])
    expect(
      await h.database.query(
        'SELECT migration_id AS id, count(*)::int AS n FROM migration_history GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { id: '001_a', n: 1 },
      { id: '002_b', n: 1 },
      { id: '003_c', n: 1 },
    ])
    await h.database.drop()
    harness = undefined
  }
})

test('I1: a waiter that finds nothing pending leaves although the lock is still held', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  await h.up()
  const holder = await h.connect()
  await holder.query(`SELECT pg_advisory_lock(${lockKey('public')})`)
  expect((await h.up()).outcome).toBe('left_to_others')
})

test('I7: waiting for the lock ends at its limit, naming who holds it, what it runs and the SQL that ends it', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  const holder = await h.connect()
  await holder.query(`SET application_name = 'deploy 7'; SELECT pg_advisory_lock(${lockKey('public')})`)
  const pid = (await holder.query('SELECT pg_backend_pid() AS pid')).rows[0].pid
  const error = await h
    .runner({}, { lockWaitMs: 300 })
    .runMigrations()
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'TM5003',
    message: expect.stringMatching(
      new RegExp(
        `^timed out after 300ms waiting for the migration lock, held by pid ${pid} \\(deploy 7, role postgres, since .*, idle\\), last statement: SELECT pg_backend_pid\\(\\) AS pid; it is idle .*since .* and nothing has been recorded since: if its runner is gone, a pooler keeps its session; to end it: SELECT pg_terminate_backend\\(${pid}\\);$`,
      ),
    ),
    details: { endIt: `SELECT pg_terminate_backend(${pid});`, holder: { pid, applicationName: 'deploy 7' } },
  })
  expect(await h.has('schema_migrations')).toBe(false)
})

test('a waiter sees which migration the holder runs', async () => {
  const h = await start({ '001_slow': HELD })
  const first = h.runner().runMigrations()
  await untilRunning(h, HELD)
  const waiter = h.up()
  await until(() => h.events.some((event) => event.kind === 'lock_waiting'))
  await release(h)
  const second = await waiter
  await first
  const waiting = h.events.find((event) => event.kind === 'lock_waiting')
  expect(waiting).toMatchObject({
    holder: {
      applicationName: expect.stringMatching(/^tidemark .+\/\d+ 001_slow$/),
      query: HELD,
    },
  })
  expect(second.done).toEqual([])
})

test('I1: runners of two tracking schemas do not wait for each other, of one schema they do', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  const holder = await h.connect()
  await holder.query(`SELECT pg_advisory_lock(${lockKey('public')})`)
  const other = await h.runner({ schema: 'other' }, { lockWaitMs: 0 }).runMigrations()
  expect(other.done).toEqual(['001_a'])
  const same = h.runner({}, { lockWaitMs: 0 }).runMigrations()
  await expect(same).rejects.toMatchObject({ code: 'TM5003' })
})

test('five runners at once while an index is built concurrently: no deadlock, the index is valid', async () => {
  const h = await start({
    '001_a': 'CREATE TABLE a AS SELECT n FROM generate_series(1, 100000) AS n;',
    '002_index':
      '-- Transaction: none\n-- Depends on: [001_a]\n-- @up\nCREATE INDEX CONCURRENTLY a_n ON a (n);',
  })
  const results = await Promise.all(Array.from({ length: 5 }, () => h.runner().runMigrations()))
  expect(results.flatMap((result) => result.done)).toEqual(['001_a', '002_index'])
  expect(
    await h.database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass"),
  ).toEqual([{ indisvalid: true }])
})

test('the key of the lock is the one that SQL computes', async () => {
  const h = await start({})
  expect(
    await h.database.query(
      "SELECT ('x' || left(md5('tidemark:' || 'public'), 16))::bit(64)::bigint::text AS key",
    ),
  ).toEqual([{ key: lockKey('public') }])
})

test('no lock is held and no session is left after a run, done or failed', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  await h.up()
  h.files = { ...h.files, '002_b': 'SELECT 1/0;' }
  await h.fail()
  await until(
    async () =>
      (
        await h.database.query(
          "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'tidemark %/%' AND datname = current_database()",
        )
      ).length === 0,
  )
  expect(
    await h.database.query(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    ),
  ).toEqual([])
})
