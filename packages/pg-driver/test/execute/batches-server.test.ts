import type { RunEvent } from '@tidemark/core'
import { afterEach, expect, test } from 'vitest'
import { batchesOf, fill, orders } from '../support/batches-suite.ts'
import { createServerHarness, type ServerHarness, until } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

async function start(rows: number, text: string): Promise<ServerHarness> {
  harness = await createServerHarness({ '001_fill': text })
  await harness.server.query(orders('bigint', `SELECT n FROM generate_series(1, ${rows}) n`))
  return harness
}

const touched = (h: ServerHarness) =>
  h.server.query('SELECT touched, count(*)::int AS rows FROM orders GROUP BY 1 ORDER BY 1')

/** Ends the session that migrates, as an administrator would. */
const terminateRunner = (h: ServerHarness) =>
  h.server.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'tidemark%' AND pid <> pg_backend_pid()`,
  )

test('I1: whenever its session is ended, each row is done once', async () => {
  // The pause lets the end of the session come before the last batch, on any machine.
  const h = await start(2000, fill('id', ', size 50, pause 20ms'))
  let rounds = 0
  let killed: Promise<unknown> | undefined
  for (;;) {
    rounds += 1
    const limit = 1 + (rounds % 4)
    let batches = 0
    const outcome = await h
      .runner()
      .runMigrations({
        onEvent: (event) => {
          if (event.kind !== 'batch_finished') return
          batches += 1
          // Somewhere in the batch that follows.
          if (batches === limit) killed = terminateRunner(h)
        },
      })
      .then(
        () => 'done' as const,
        (error: { code: string }) => error.code,
      )
    await killed
    if (outcome === 'done') break
    expect(['TM5007', 'TM5001']).toContain(outcome)
  }
  expect(rounds).toBeGreaterThan(1)
  expect(await touched(h)).toEqual([{ touched: 1, rows: 2000 }])
  expect(await h.rows()).toEqual(['001_fill completed'])
}, 120_000)

test('an interrupt ends it at once, says how far it is, and the next run goes on', async () => {
  const h = await start(1000, fill('id', ', size 100, pause 1h'))
  const interrupt = new AbortController()
  const error = await h.fail(undefined, {
    signal: interrupt.signal,
    onEvent: (event) => {
      if (event.kind === 'batch_finished') interrupt.abort()
    },
  })
  expect([error.code, error.details['databaseState']]).toEqual([
    'TM5008',
    '"001_fill" is done up to id = 100 (1 batch, 100 rows) and that stays; the next run continues after it.',
  ])
  expect(await h.rows()).toEqual(['001_fill failed'])
  h.files = { '001_fill': fill('id', ', size 100') }
  await h.up()
  expect(batchesOf(h.events)).toHaveLength(9)
  expect(await touched(h)).toEqual([{ touched: 1, rows: 1000 }])
})

test('I1: runners at once do each row once, and all succeed', async () => {
  const h = await start(3000, fill('id', ', size 100'))
  const outcomes = await Promise.all([
    h.runner().runMigrations(),
    h.runner().runMigrations(),
    h.runner().runMigrations(),
  ])
  expect(outcomes.filter(({ outcome }) => outcome === 'paused')).toEqual([])
  expect(await touched(h)).toEqual([{ touched: 1, rows: 3000 }])
  expect(await h.rows()).toEqual(['001_fill completed'])
})

test('a run with a hotfix gets in between two batches', async () => {
  const text = `-- Blocking: false\n${fill('id', ', size 100')}`
  const h = await start(1000, text)
  const application = await h.connect()
  await application.query('BEGIN; UPDATE orders SET touched = 0 WHERE id = 250')
  const events: RunEvent[] = []
  const first = h.runner({ lockTimeoutMs: 60_000 }).runMigrations({ onEvent: (event) => events.push(event) })
  await until(() => batchesOf(events).length === 2)
  h.files = { '001_fill': text, '002_hotfix': 'CREATE TABLE hotfix (id int);' }
  let waits = 0
  const second = h.runner().runMigrations({
    onEvent: (event) => {
      if (event.kind === 'lock_waiting') waits += 1
    },
  })
  // After the first look it shows that it waits.
  await until(() => waits >= 2)
  await application.query('COMMIT')
  const results = await Promise.all([first, second])
  expect(results[1].done.slice(0, 1)).toEqual(['002_hotfix'])
  const { outcome, done } = results[0]
  expect({ outcome, done }).toEqual(
    results[1].done.includes('001_fill')
      ? { outcome: 'left_to_others', done: [] }
      : { outcome: 'done', done: ['001_fill'] },
  )
  expect(events.flatMap((event) => (event.kind === 'step_paused' ? [event.reason] : []))).toEqual([
    'waiting_run',
  ])
  expect(await touched(h)).toEqual([{ touched: 1, rows: 1000 }])
  expect(await h.rows()).toEqual(['001_fill completed', '002_hotfix completed'])
  const applied = await h.server.query('SELECT id FROM schema_migrations ORDER BY applied_at')
  expect(applied).toEqual([{ id: '002_hotfix' }, { id: '001_fill' }])
})

test('I8: a batch that cannot get its locks is tried again with half the rows', async () => {
  const h = await start(1500, fill())
  const application = await h.connect()
  await application.query('BEGIN; UPDATE orders SET touched = 0 WHERE id = 700')
  const events: RunEvent[] = []
  let released: Promise<unknown> | undefined
  await h.runner({ lockTimeoutMs: 200, batchTimeMs: 60_000 }).runMigrations({
    onEvent: (event) => {
      events.push(event)
      if (event.kind === 'step_retry') released ??= application.query('COMMIT')
    },
  })
  await released
  expect(events.find(({ kind }) => kind === 'step_retry')).toMatchObject({ sqlState: '55P03' })
  expect(batchesOf(events)[0]).toBeLessThanOrEqual(500)
  expect(await touched(h)).toEqual([{ touched: 1, rows: 1500 }])
})

test('I8: a deadlock with a writing application does not end the run', async () => {
  const h = await start(1000, fill('id', ', size 200'))
  const application = await h.connect()
  // So the run is the one that finds it, and is rolled back.
  await application.query("SET deadlock_timeout = '1h'")
  await application.query('BEGIN; UPDATE orders SET touched = 0 WHERE id = 150')
  const events: RunEvent[] = []
  const run = h.runner().runMigrations({ onEvent: (event) => events.push(event) })
  const blocked =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'"
  await until(async () => (await h.server.query(blocked)).length > 0)
  await application.query('UPDATE orders SET touched = 0 WHERE id = 1')
  await application.query('COMMIT')
  await run
  expect(events.filter(({ kind }) => kind === 'step_retry').length).toBeGreaterThan(0)
  expect(await touched(h)).toEqual([{ touched: 1, rows: 1000 }])
})

test('others that wait for a batch make the next one smaller', async () => {
  const h = await start(
    3000,
    '-- Batches: orders by id\n-- @up\nUPDATE orders SET touched = touched + 1 WHERE id BETWEEN $1 AND $2 AND hold(id);\n',
  )
  // The first batch waits inside until another session has queued behind it.
  await h.server.query(`CREATE FUNCTION hold(id bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN
      IF id = 1000 THEN
        WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) LOOP PERFORM pg_sleep(0.01); END LOOP;
      END IF;
      RETURN true; END $$`)
  const application = await h.connect()
  const run = h.up({ batchTimeMs: 60_000 })
  await until(async () => {
    const [row] = await h.server.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'EXECUTE tidemark_batch%' AND state = 'active'`,
    )
    return (row?.n ?? 0) > 0
  })
  const waiting = application.query('UPDATE orders SET touched = touched WHERE id = 1')
  await run
  await waiting
  // Half as large, and then no more than a fiftieth larger each time.
  expect(batchesOf(h.events)).toEqual([1000, 500, 510, 520, 470])
})

test('tables of an older layout are read as they are, and upgraded in place', async () => {
  const h = await start(300, fill('id', ', size 100'))
  h.files = { '000_first': 'CREATE TABLE first (id int);' }
  await h.up()
  await h.server.query('ALTER TABLE schema_migrations DROP COLUMN progress')
  h.files = { ...h.files, '001_fill': fill('id', ', size 100') }
  expect((await h.runner().status()).pending).toEqual(['001_fill'])
  await h.up()
  expect(await touched(h)).toEqual([{ touched: 1, rows: 300 }])
})

test('a progress that cannot be read is refused, since the walk would begin anew', async () => {
  const h = await start(300, fill('id', ', size 100'))
  await h.up({}, { batchesForMs: 0 })
  await h.server.query(`UPDATE schema_migrations SET progress = '{"cursor": 5}'`)
  expect((await h.fail()).code).toBe('TM3006')
})
