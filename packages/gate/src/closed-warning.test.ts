import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTables, entry, manifestOf, record } from '../test/index.ts'
import { createGate, type Gate } from './gate.ts'
import type { GateOptions } from './options.ts'

let database: TestDatabase
let pool: pg.Pool
let gate: Gate | undefined

beforeEach(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1 })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(async () => {
  await gate?.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
  await pool.end()
  await database.drop()
})

const TEN_SECONDS_MS = 10_000
const HOUR_MS = 3_600_000
const twoMigrations = manifestOf(entry('001_a'), entry('002_b'))

/** A gate, and what it wrote to its log. */
function makeGate(options: Partial<GateOptions> = {}) {
  const warnings: string[] = []
  gate = createGate({
    database: pool,
    migrations: twoMigrations,
    poll: { minMs: HOUR_MS, maxMs: HOUR_MS },
    log: { warn: (message) => warnings.push(message) },
    ...options,
  })
  return { gate, warnings }
}

/** Runs the check that is due, then lets ten seconds pass. */
async function stayClosed(closed: Gate): Promise<void> {
  expect((await closed.readyz()).status).toBe(503)
  vi.advanceTimersByTime(TEN_SECONDS_MS)
}

test('after ten seconds, not sooner, a closed gate says once why', async () => {
  await createTables(database)
  await record(database, '001_a')
  const { gate, warnings } = makeGate()
  await gate.readyz()
  vi.advanceTimersByTime(TEN_SECONDS_MS - 1)
  expect(warnings).toEqual([])
  vi.advanceTimersByTime(1)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: 1 required migration is pending: 002_b. Run tidemark up',
  ])
  vi.advanceTimersByTime(HOUR_MS / 2)
  expect(warnings).toHaveLength(1)
})

test('console.warn gets it by default', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const { gate } = makeGate({ log: undefined })
  await stayClosed(gate)
  expect(warn.mock.calls).toEqual([[expect.stringContaining('the schema gate is still closed')]])
})

test('without a log nothing is said', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const { gate } = makeGate({ log: false })
  await stayClosed(gate)
  expect(warn).not.toHaveBeenCalled()
})

test('tracking tables that are missing are named with their schema', async () => {
  const { gate, warnings } = makeGate({ schema: 'tidemark' })
  await stayClosed(gate)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: there are no tracking tables in the schema "tidemark", so 2 required migrations are pending: 001_a, 002_b. Run tidemark up, or check that the gate has the database and the `schema` of the migrations',
  ])
})

test('a missing privilege is the reason, with the words of the server and what to grant', async () => {
  await database.query('CREATE SCHEMA closed')
  await createTables(database, 'closed')
  const { gate, warnings } = makeGate({
    schema: 'closed',
    database: {
      query: async (text, values) => {
        const client = await pool.connect()
        try {
          await client.query('SET ROLE pg_monitor')
          return await client.query(text, values)
        } finally {
          client.release(true)
        }
      },
    },
  })
  await stayClosed(gate)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: the role of the application may not read the tracking tables: permission denied for schema closed (TM3005). Name it under `readers` in the configuration and run tidemark up, or GRANT USAGE ON SCHEMA "closed" and SELECT ON "closed".schema_migrations, "closed".migration_history',
  ])
})

test('a migration that failed is named as that', async () => {
  await createTables(database)
  await record(database, '001_a')
  await record(database, '002_b', { status: 'failed', direction: 'up' })
  const { gate, warnings } = makeGate()
  await stayClosed(gate)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: 1 required migration is pending: 002_b; the last attempt at 002_b failed. Fix the file and run tidemark up',
  ])
})

test('of many ids the first ten are named', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `${String(index + 1).padStart(3, '0')}_x`)
  await createTables(database)
  const { gate, warnings } = makeGate({ migrations: manifestOf(...ids.map((id) => entry(id))) })
  await stayClosed(gate)
  expect(warnings[0]).toContain(
    `12 required migrations are pending: ${ids.slice(0, 10).join(', ')} and 2 more. Run`,
  )
})

test('a database that is ahead is the reason where that is refused', async () => {
  await createTables(database)
  for (const id of ['001_a', '002_b', '003_new']) await record(database, id)
  const { gate, warnings } = makeGate({ ahead: 'refuse' })
  await stayClosed(gate)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: the database is ahead of this application: it has completed 003_new, and the gate has `ahead: "refuse"`. Deploy the version that contains it',
  ])
})

test('a database that does not answer is the reason, without control characters', async () => {
  const { gate, warnings } = makeGate({
    database: { query: () => Promise.reject(new Error('no route to db\u001b[2J')) },
  })
  await stayClosed(gate)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: the schema could not be checked: no route to db\ufffd[2J (TM5090). The gate checks again by itself; check that the database is running and that its role may read the tracking tables',
  ])
})

test('a query that never returns is the reason', () => {
  const { warnings } = makeGate({
    database: { query: () => new Promise(() => undefined) },
    timeoutMs: HOUR_MS,
  })
  vi.advanceTimersByTime(TEN_SECONDS_MS)
  expect(warnings).toEqual([
    'tidemark: the schema gate is still closed after 10 s, and requests get 503: no check has finished yet. Check that the database answers and that the pool has a free connection',
  ])
  vi.advanceTimersByTime(HOUR_MS)
})

test('a gate that opens in time, or is stopped, says nothing', async () => {
  await createTables(database)
  for (const id of ['001_a', '002_b']) await record(database, id)
  const { gate: opened, warnings } = makeGate()
  expect((await opened.readyz()).status).toBe(200)
  vi.advanceTimersByTime(TEN_SECONDS_MS)
  const { gate: stopped, warnings: others } = makeGate({ requires: ['001_a'], ahead: 'refuse' })
  await stopped.stop()
  vi.advanceTimersByTime(TEN_SECONDS_MS)
  expect([...warnings, ...others]).toEqual([])
})

test('a gate that closes again says why again, once', async () => {
  await createTables(database)
  for (const id of ['001_a', '002_b']) await record(database, id)
  const { gate, warnings } = makeGate({ watch: true, poll: { minMs: 1, maxMs: 1 } })
  await gate.whenOpen()
  await record(database, '002_b', { status: 'rolled_back' })
  while (gate.isOpen()) {
    vi.advanceTimersByTime(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  vi.advanceTimersByTime(TEN_SECONDS_MS)
  vi.advanceTimersByTime(TEN_SECONDS_MS)
  expect(warnings).toEqual([expect.stringContaining('1 required migration is pending: 002_b')])
})

test('a log that throws does not end the process', async () => {
  const { gate } = makeGate({
    log: {
      warn: () => {
        throw new Error('full')
      },
    },
  })
  await gate.readyz()
  expect(() => vi.advanceTimersByTime(TEN_SECONDS_MS)).not.toThrow()
})

test('the log of a framework is used unless the gate has one', async () => {
  const heard: string[] = []
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const framework = { warn: (message: string) => heard.push(message) }
  const { gate: plain } = makeGate({ log: undefined })
  plain.logTo(framework)
  await stayClosed(plain)
  await plain.stop()
  const { gate: own, warnings } = makeGate()
  own.logTo(framework)
  await stayClosed(own)
  expect([heard.length, warn.mock.calls.length, warnings.length]).toEqual([1, 0, 1])
})
