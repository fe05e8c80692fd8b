import { afterEach, expect, test } from 'vitest'
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

test('I8: a reader holds the table: others are served after each try, and the migration is applied', async () => {
  const lockTimeoutMs = 1500
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  const reader = await h.connect()
  const pid = (await reader.query('SELECT pg_backend_pid() AS pid')).rows[0].pid
  await reader.query('BEGIN; SELECT * FROM a')
  const innocent = await h.connect()
  h.files = { ...h.files, '002_b': 'ALTER TABLE a ADD COLUMN b int;', '003_c': 'CREATE TABLE c (id int);' }
  const run = h.up({ lockTimeoutMs })
  for (const tries of [1, 2, 3]) {
    await until(() => h.events.filter((event) => event.kind === 'step_retry').length >= tries)
    await innocent.query('SELECT * FROM a') // would wait for ever behind a try that does not give way
  }
  await reader.query('COMMIT')
  expect((await run).done).toEqual(['002_b', '003_c'])
  expect(h.events.find((event) => event.kind === 'step_retry')).toMatchObject({
    id: '002_b',
    attempt: 1,
    limit: 10,
    sqlState: '55P03',
    blockers: [{ pid, state: 'idle in transaction', query: 'BEGIN; SELECT * FROM a' }],
  })
})

test('I7: when all tries are used up the blockers are named, and the header says how long a wait may last', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  const reader = await h.connect()
  const pid = await reader.query("SET application_name = 'report'; SELECT pg_backend_pid() AS pid")
  await reader.query('BEGIN; SELECT * FROM a')
  h.files = { ...h.files, '002_b': '-- Lock timeout: 1500ms\n-- @up\nALTER TABLE a ADD COLUMN b int;' }
  const error = await h.fail({ lockRetries: 1 })
  expect(error).toMatchObject({
    code: 'TM5009',
    message: '"002_b" statement 1 of 1: canceling statement due to lock timeout',
    help: expect.stringMatching(
      /^tried 2 times, each wait at most 1500ms; blocked by pid \d+ \(report, role postgres, since .+, idle in transaction\), last statement: BEGIN; SELECT \* FROM a; to end it: SELECT pg_terminate_backend\(\d+\)\. Run /,
    ),
    details: { attempts: 2, sqlState: '55P03' },
  })
  expect(pid).toBeDefined()
  expect(await h.rows()).toEqual(['001_a completed', '002_b failed'])
})

test('a deadlock with live traffic is rolled back and tried again', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int); CREATE TABLE b (id int);' })
  await h.up()
  const other = await h.connect()
  await other.query("SET deadlock_timeout = '10min'; BEGIN; LOCK TABLE b")
  h.files = {
    ...h.files,
    '002_b': `SET deadlock_timeout = '100ms';\nALTER TABLE a ADD x int;\n${HELD}\nALTER TABLE b ADD x int;`,
  }
  const run = h.up({ lockTimeoutMs: 120_000 })
  await untilRunning(h, HELD)
  const wanting = other.query('LOCK TABLE a')
  await until(async () => (await h.database.query('SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0)
  await release(h)
  await wanting
  await other.query('COMMIT')
  expect((await run).done).toEqual(['002_b'])
  expect(h.events.find((event) => event.kind === 'step_retry')).toMatchObject({ sqlState: '40P01' })
})

test('a statement timeout of the role does not reach migrations; one in the header does, and is explained', async () => {
  const h = await start({ '001_a': 'SELECT pg_sleep(0.5);' })
  await h.database.query(`ALTER DATABASE "${h.server.name}" SET statement_timeout = '200ms'`)
  expect((await h.up()).done).toEqual(['001_a'])
  h.files = { ...h.files, '002_b': '-- Statement timeout: 1s\n-- @up\nSELECT pg_sleep(30);' }
  expect(await h.fail()).toMatchObject({
    code: 'TM5004',
    message: '"002_b" statement 1 of 1: canceling statement due to statement timeout',
    help: 'the header has "Statement timeout: 1s": raise it, or write 0 for no limit',
    details: { sqlState: '57014' },
  })
})

test('a statement that another session cancels is no timeout, and one that the file limits itself is', async () => {
  const h = await start({ '001_a': '-- Statement timeout: 1min\n-- @up\nSELECT pg_sleep(30);' })
  const other = await h.connect()
  const failing = h.fail()
  const cancel =
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' AND state = 'active'"
  while ((await other.query(cancel)).rows.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await failing).toMatchObject({
    code: 'TM5004',
    help: 'someone cancelled the statement, or a function sets a statement_timeout for it: run "tidemark up" again',
    remedy: { kind: 'rerun', command: 'up' },
  })
  h.files = { '001_a': "SET statement_timeout = '50ms';\nSELECT pg_sleep(30);" }
  expect((await h.fail()).help).toBe(
    'the file (or a function it calls) sets statement_timeout itself: Tidemark sets no limit',
  )
})

test('a privilege that is missing names the roles', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  await h.database.query('CREATE ROLE weak NOLOGIN')
  h.files = { ...h.files, '002_b': '-- Role: weak\n-- @up\nALTER TABLE a ADD b int;' }
  expect((await h.fail()).help).toBe(
    'the migration runs as "weak" (connected as "postgres"); table "a" belongs to "postgres", of which "weak" is not a member: connect as "postgres", GRANT "postgres" TO "weak", or grant it the privilege itself',
  )
  await h.database.query('DROP ROLE weak')
})

test('the tracking tables are locked by someone: TM5014 says so, and the next run continues', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  h.files = { ...h.files, '002_b': 'CREATE TABLE b (id int);' }
  const holder = await h.connect()
  await holder.query('BEGIN; LOCK TABLE schema_migrations IN SHARE MODE')
  expect(await h.fail({ lockTimeoutMs: 100 })).toMatchObject({
    code: 'TM5014',
    message: 'the server failed while preparing the tracking tables: canceling statement due to lock timeout',
    help: expect.stringMatching(
      /^the tracking tables are locked by pid \d+ \(role postgres, since .*, idle in transaction\), last statement: BEGIN; LOCK TABLE schema_migrations IN SHARE MODE; to end it: SELECT pg_terminate_backend\(\d+\);$/,
    ),
    details: { sqlState: '55P03', blockers: [expect.stringContaining('LOCK TABLE')] },
  })
  await holder.query('COMMIT')
  expect((await h.up()).done).toEqual(['002_b'])
})

test('I7: status and plan wait for the tracking tables no longer than the lock timeout, and name who holds them', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  const holder = await h.connect()
  await holder.query(
    "SET application_name = 'pg_repack'; BEGIN; LOCK TABLE migration_history, schema_migrations",
  )
  const reader = h.runner({ lockTimeoutMs: 100 })
  for (const read of [() => reader.status(), () => reader.createMigrationPlan(), () => reader.history()]) {
    await expect(read()).rejects.toMatchObject({
      code: 'TM5014',
      message: 'the server failed while reading the tracking tables: canceling statement due to lock timeout',
      help: expect.stringMatching(/^the tracking tables are locked by pid \d+ \(pg_repack, role postgres, /),
    })
  }
  await holder.query('COMMIT')
  expect((await reader.status()).pending).toEqual([])
})

test('the note of what is done meets a conflict in a file without a transaction: it is written again, limits intact', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  h.files = {
    ...h.files,
    // A trigger that is there before the run would refuse it.
    '002_a': `CREATE SEQUENCE tries; CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF nextval('public.tries') = 1 THEN RAISE 'conflict' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER conflict BEFORE UPDATE ON schema_migrations FOR EACH ROW
    WHEN (NEW.header ? 'progress') EXECUTE FUNCTION conflict();`,
    '002_b':
      "-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nCREATE TABLE seen AS SELECT current_setting('lock_timeout') AS limit_of_waits;",
  }
  expect((await h.up()).done).toEqual(['002_a', '002_b'])
  expect(h.events.flatMap((event) => (event.kind === 'step_retry' ? event.sqlState : []))).toEqual(['40001'])
  expect(await h.database.query('SELECT * FROM seen')).toEqual([{ limit_of_waits: '5s' }])
})

test('I5: what failed is reported where others hold the tracking tables, and recorded once they let go', async () => {
  const broken = HELD.replace('END LOOP; END', "END LOOP; RAISE EXCEPTION 'broken'; END")
  const ASKED =
    "SELECT FROM pg_locks WHERE relation = 'schema_migrations'::regclass AND mode = 'AccessExclusiveLock'"
  for (const header of ['', '-- Transaction: none\n']) {
    const h = await start({ '001_a': `${header}-- @up\n${broken}` })
    const failing = h.fail({ lockTimeoutMs: 100, lockRetries: 0 })
    await untilRunning(h, 'broken')
    const other = await h.connect()
    const locked = other.query('BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE')
    await until(async () => (await h.server.query(ASKED)).length > 0)
    await release(h)
    expect(await failing).toMatchObject({ code: 'TM5004', details: { serverMessage: 'broken' } })

    await locked
    await other.query('ROLLBACK')
    expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { serverMessage: 'broken' } })
    const { attempts } = await h.runner().history({ id: '001_a' })
    expect(attempts.at(0)).toMatchObject({ status: 'failed' })
    await h.database.drop()
  }
})
