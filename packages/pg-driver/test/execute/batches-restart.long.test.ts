import {
  createTestDatabase,
  startServer,
  startStandby,
  type TestDatabase,
  type TestServer,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { batchesOf, fill, orders } from '../support/batches-suite.ts'
import { createHarness, type Harness } from '../support/engine-harness.ts'
import { serverDatabase, until } from '../support/server-harness.ts'

let server: TestServer
let standby: TestServer | undefined
let database: TestDatabase
let harness: Harness

beforeEach(async () => {
  server = await startServer()
}, 60_000)
afterEach(async () => {
  await standby?.remove()
  standby = undefined
  await server.remove()
})

async function start(text: string): Promise<void> {
  database = await createTestDatabase({ server })
  await database.query(orders('bigint', 'SELECT n FROM generate_series(1, 3000) n'))
  harness = createHarness(
    { open: serverDatabase(database.url), query: (sql) => database.query(sql), drop: database.drop },
    { '001_fill': text },
  )
}

const touched = () =>
  database.query('SELECT touched, count(*)::int AS rows FROM orders GROUP BY 1 ORDER BY 1')

test.each(['fast', 'immediate'] as const)(
  'I1: where the server is restarted (%s) during a backfill, the next run goes on, each row once',
  async (mode) => {
    await start(fill('id', ', size 100, pause 50ms'))
    let stopped: Promise<void> | undefined
    const error = await harness.fail(undefined, {
      onEvent: (event) => {
        harness.events.push(event)
        if (batchesOf(harness.events).length === 3) stopped ??= server.stop(mode)
      },
    })
    expect(['TM5007', 'TM5001']).toContain(error.code)
    await stopped
    await server.start()
    const [{ rows = 0 } = {}] = await database.query<{ rows: number }>(
      'SELECT count(*)::int AS rows FROM orders WHERE touched = 1',
    )
    expect(rows).toBeGreaterThanOrEqual(300)
    expect(rows).toBeLessThan(3000)
    await harness.up()
    expect(batchesOf(harness.events)).toHaveLength(30 - rows / 100)
    expect(await touched()).toEqual([{ touched: 1, rows: 3000 }])
    expect(await harness.rows()).toEqual(['001_fill completed'])
  },
  120_000,
)

test('it waits while a streaming standby is too far behind, and goes on when that has caught up', async () => {
  standby = await startStandby(server, { wal_receiver_status_interval: '1s' })
  await start(fill('id', ', size 100'))
  const other = new pg.Client({ connectionString: standby.url() })
  await other.connect()
  await other.query('SELECT pg_wal_replay_pause()')
  // A standby tells now and then how far it is: the walk begins when it has told that it is behind.
  await database.query('CREATE TABLE ahead ()')
  await until(async () => {
    const behind = "SELECT FROM pg_stat_replication WHERE replay_lag > interval '100 ms'"
    return (await database.query(behind)).length > 0
  })
  let resumed: Promise<unknown> | undefined
  await harness.up(
    { maxLagMs: 100 },
    {
      onEvent: (event) => {
        harness.events.push(event)
        if (event.kind === 'batch_waiting') resumed ??= other.query('SELECT pg_wal_replay_resume()')
      },
    },
  )
  await resumed
  await other.end()
  const lags = harness.events.flatMap((event) => (event.kind === 'batch_waiting' ? [event.lagMs] : []))
  expect(lags.length).toBeGreaterThan(0)
  expect(Math.min(...lags)).toBeGreaterThan(100)
  expect(batchesOf(harness.events)).toHaveLength(30)
  expect(await touched()).toEqual([{ touched: 1, rows: 3000 }])
}, 120_000)
