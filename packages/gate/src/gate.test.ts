import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTables, entry, manifestOf, record, startProxy } from '../test/index.ts'
import { createGate, type Gate } from './gate.ts'
import type { Guard } from './http/guard.ts'
import type { GateOptions } from './options.ts'
import type { GateEvent } from './status/gate-event.ts'

let database: TestDatabase
let pool: pg.Pool
/** Run after the test, the last first, before the database goes. */
const cleanups: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
})
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
  await pool.end()
  await database.drop()
})

const HOUR_MS = 3_600_000
const twoMigrations = manifestOf(entry('001_a'), entry('002_b'))

/** A gate that is stopped with its test, and what it announced. */
function makeGate(options: Partial<GateOptions> = {}): { gate: Gate; events: GateEvent[] } {
  const events: GateEvent[] = []
  const gate = createGate({
    database: pool,
    migrations: twoMigrations,
    poll: { minMs: 20, maxMs: 60 },
    onEvent: (event) => events.push(event),
    ...options,
  })
  cleanups.push(() => gate.stop())
  return { gate, events }
}

const request = (path = '/', method = 'GET', headers: Record<string, string> = {}) => ({
  method,
  path,
  header: (name: string) => headers[name],
})
const codeOf = async (guard: Guard, path?: string) => (await guard.refuse(request(path)))?.status ?? 200
const kinds = (events: readonly GateEvent[]) => events.map(({ kind }) => kind)

/** A database that counts its queries. */
function counting() {
  const queries: string[] = []
  return {
    queries,
    query: (text: string, values: string[]) => {
      queries.push(text)
      return pool.query(text, values)
    },
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

/** Waits for the first check, whatever it finds. */
function firstCheck(gate: Gate): Promise<void> {
  return until(() => gate.status().kind !== 'unknown' || gate.status().error !== null)
}

/**
 * Waits until another gate with the same settings has checked ten times: a gate that has not checked
 * meanwhile has no timer.
 */
async function othersCheck(): Promise<void> {
  const counter = counting()
  const { gate } = makeGate({ database: counter, watch: true })
  await until(() => counter.queries.length >= 10)
  await gate.stop()
}

describe('until current', () => {
  test('a request is refused with 503, Retry-After and a problem document that names no migration', async () => {
    const { gate } = makeGate()
    await firstCheck(gate)
    expect(await gate.refuse(request())).toEqual({
      status: 503,
      headers: {
        'retry-after': '1',
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'content-length': '154',
      },
      body: JSON.stringify({
        type: 'urn:tidemark:schema-not-current',
        title: 'Database schema is not current',
        status: 503,
        detail: '2 required migrations are pending.',
        pending: 2,
      }),
    })
  })

  test('ids are shown by option, escaped as JSON and in no header', async () => {
    const { gate } = makeGate({ expose: 'ids' })
    await firstCheck(gate)
    const refusal = await gate.refuse(request())
    expect(JSON.parse(refusal?.body ?? '')).toMatchObject({ pending: 2, migrations: ['001_a', '002_b'] })
    expect(JSON.stringify(refusal?.headers)).not.toContain('001_a')
  })

  test('an id that could break a header is no id', () => {
    expect(() => makeGate({ migrations: manifestOf(entry('001\r\nset-cookie: a=b')) })).toThrow(
      /not a manifest/,
    )
  })

  test('allowed paths pass exactly, with a query and with a slash at the end', async () => {
    const { gate } = makeGate({ allow: ['/healthz'] })
    const paths = [
      '/healthz',
      '/healthz/',
      '/healthz?full=1',
      '/healthz/x',
      '/healthz/../admin',
      '/HEALTHZ',
      '/a?/healthz',
    ]
    expect(await Promise.all(paths.map((path) => codeOf(gate, path)))).toEqual([
      200, 200, 200, 503, 503, 503, 503,
    ])
  })

  test('a predicate decides what passes', async () => {
    const { gate } = makeGate({ allow: ({ header }) => header('x-probe') === 'yes' })
    expect(await gate.refuse(request('/', 'GET', { 'x-probe': 'yes' }))).toBeUndefined()
    expect(await codeOf(gate)).toBe(503)
  })

  test('a CORS preflight passes, another OPTIONS request does not', async () => {
    const { gate } = makeGate()
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    expect(await gate.refuse(request('/', 'OPTIONS', preflight))).toBeUndefined()
    expect(await codeOf({ ...gate, refuse: () => gate.refuse(request('/', 'OPTIONS')) })).toBe(503)
    expect(await codeOf({ ...gate, refuse: () => gate.refuse(request('/', 'GET', preflight)) })).toBe(503)
  })

  test('a first request waits for the first check instead of being refused', async () => {
    let answer: (result: { rows: [] }) => void = () => undefined
    const result = new Promise<{ rows: [] }>((resolve) => {
      answer = resolve
    })
    const { gate } = makeGate({ database: { query: () => result } })
    const code = codeOf(gate)
    expect(gate.isOpen()).toBe(false)
    answer({ rows: [] })
    expect(await code).toBe(200)
    expect(gate.isOpen()).toBe(true)
  })

  test('1,000 requests at once cause one query, and those of the same interval no other', async () => {
    const counter = counting()
    const { gate } = makeGate({ database: counter, poll: { minMs: HOUR_MS, maxMs: HOUR_MS } })
    for (const state of ['unknown', 'behind']) {
      expect(gate.status().kind).toBe(state)
      const codes = await Promise.all(Array.from({ length: 1000 }, () => codeOf(gate)))
      expect(new Set(codes)).toEqual(new Set([503]))
      await firstCheck(gate)
    }
    expect(counter.queries).toHaveLength(1)
  })

  test('a request runs the check that is due, also where timers stand still', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    cleanups.push(async () => vi.useRealTimers())
    const query = vi.fn(async () => ({ rows: [{ id: '001_a', state: 'pending' }] }))
    const { gate } = makeGate({ database: { query }, poll: { minMs: 1, maxMs: 1 } })
    while (query.mock.calls.length < 3) expect(await codeOf(gate)).toBe(503)
  })
})

describe('environments', () => {
  const seeded = manifestOf(entry('001_a'), entry('002_seed', { environments: ['development'] }))

  test('what is for other environments is not required, and where it is applied neither changed nor ahead', async () => {
    await createTables(database)
    await record(database, '001_a')
    for (const environment of [undefined, 'production']) {
      const { gate } = makeGate({ migrations: seeded, environment })
      await gate.whenOpen()
    }
    await record(database, '002_seed', { checksum: 'f'.repeat(64) })
    const { gate } = makeGate({ migrations: seeded, environment: 'production', ahead: 'refuse' })
    await gate.whenOpen()
    expect(gate.status()).toMatchObject({ kind: 'current', changed: [], ahead: [], pending: [] })
  })

  test('where it belongs it is required, named by the gate or by the manifest', async () => {
    await createTables(database)
    await record(database, '001_a')
    const { gate } = makeGate({ migrations: seeded, environment: 'development' })
    await firstCheck(gate)
    expect(gate.status()).toMatchObject({ kind: 'behind', pending: ['002_seed'] })
    await record(database, '002_seed')
    await gate.whenOpen()
  })

  test.each([
    [undefined, 'this one, which has no name'],
    ['production', '"production"'],
  ])(
    'a gate and a route of %s refuse to require what is for others, by its own reason',
    async (environment, here) => {
      const problem = expect.objectContaining({
        code: 'TM2007',
        message: `the gate requires "002_seed", which is for other environments (development) than ${here}`,
        help: 'require it only where the gate has environment: "development"',
      })
      const options = { migrations: seeded, environment }
      expect(() => makeGate({ ...options, requires: ['002_seed'] })).toThrow(problem)
      const { gate } = makeGate(options)
      expect(() => gate.guard({ requires: ['002_seed'] })).toThrow(problem)
      expect(() => gate.guard({ requires: ['003_seed'] })).toThrow('which does not exist')
    },
  )
})

describe('opening', () => {
  test('the gate opens by itself when the migrations are applied elsewhere, and then checks no more', async () => {
    const counter = counting()
    const { gate, events } = makeGate({ database: counter })
    expect(await codeOf(gate)).toBe(503)
    await createTables(database)
    await record(database, '001_a')
    await until(() => events.length === 2)
    expect(kinds(events)).toEqual(['changed', 'changed'])
    expect(gate.status()).toMatchObject({ kind: 'behind', open: false, pending: ['002_b'] })
    await record(database, '002_b')
    await gate.whenOpen()
    expect(gate.status()).toEqual({
      kind: 'current',
      open: true,
      pending: [],
      failed: [],
      changed: [],
      ahead: [],
      checkedAt: expect.any(Date),
      error: null,
    })
    const before = counter.queries.length
    await othersCheck()
    await Promise.all(Array.from({ length: 100 }, () => codeOf(gate)))
    expect(counter.queries).toHaveLength(before)
  })

  test('every change is an event, in order', async () => {
    const { gate, events } = makeGate({ watch: true })
    await firstCheck(gate)
    await createTables(database)
    await record(database, '001_a')
    await record(database, '002_b', { status: 'failed', direction: 'up' })
    await until(() => gate.status().kind === 'failed')
    await record(database, '002_b')
    await gate.whenOpen()
    await record(database, '003_new')
    await until(() => gate.status().kind === 'ahead')
    await record(database, '001_a', { status: 'rolled_back' })
    await until(() => !gate.isOpen())
    expect(kinds(events.slice(-3))).toEqual(['opened', 'changed', 'closed'])
    expect(events.at(-1)?.status).toMatchObject({
      kind: 'behind',
      open: false,
      pending: ['001_a'],
      ahead: ['003_new'],
    })
  })

  test('a rollback closes a gate that watches, and leaves another open', async () => {
    await createTables(database)
    await record(database, '001_a')
    await record(database, '002_b')
    const watching = makeGate({ watch: true }).gate
    const counter = counting()
    const other = makeGate({ database: counter }).gate
    await Promise.all([watching.whenOpen(), other.whenOpen()])
    await record(database, '002_b', { status: 'rolled_back' })
    await until(() => !watching.isOpen())
    expect(await codeOf(watching)).toBe(503)
    expect(await codeOf(other)).toBe(200)
    expect(counter.queries).toHaveLength(1)
  })

  test('migrations that are not blocking are not waited for', async () => {
    await createTables(database)
    await record(database, '001_a')
    const { gate } = makeGate({ migrations: manifestOf(entry('001_a'), entry('002_b', { blocking: false })) })
    await gate.whenOpen()
    expect(gate.status().kind).toBe('current')
  })

  test('a rolling deploy: old and new code are both served by a database that is ahead of the old', async () => {
    await createTables(database)
    for (const id of ['001_a', '002_b', '003_new']) await record(database, id)
    const oldCode = makeGate().gate
    const newCode = makeGate({
      migrations: manifestOf(entry('001_a'), entry('002_b'), entry('003_new')),
    }).gate
    await Promise.all([oldCode.whenOpen(), newCode.whenOpen()])
    expect([oldCode.status().kind, newCode.status().kind]).toEqual(['ahead', 'current'])
  })

  test('a database that is ahead is refused by option', async () => {
    await createTables(database)
    for (const id of ['001_a', '002_b', '003_new']) await record(database, id)
    const { gate } = makeGate({ ahead: 'refuse' })
    await firstCheck(gate)
    expect(await codeOf(gate)).toBe(503)
    expect(gate.status()).toMatchObject({ kind: 'ahead', open: false, ahead: ['003_new'] })
    expect(JSON.parse((await gate.refuse(request()))?.body ?? '')).toMatchObject({
      detail: 'The database is ahead of this version of the application.',
    })
  })

  test('a migration that was applied with another text opens the gate, and the status says so', async () => {
    await createTables(database)
    await record(database, '001_a', { checksum: 'f'.repeat(64) })
    await record(database, '002_b')
    const { gate } = makeGate()
    await gate.whenOpen()
    expect(gate.status()).toMatchObject({ kind: 'changed', open: true, changed: ['001_a'] })
  })

  test('a folder is read, and only what it holds is required', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gate-'))
    writeFileSync(join(folder, '001_a.sql'), '-- @up\nSELECT 1;\n')
    writeFileSync(
      join(folder, '002_later.sql'),
      '-- Blocking: false\n-- Depends on: [001_a]\n-- @up\nSELECT 1;\n',
    )
    const { gate } = makeGate({ migrations: folder })
    await firstCheck(gate)
    expect(await codeOf(gate)).toBe(503)
    expect(gate.status()).toMatchObject({ kind: 'behind', pending: ['001_a'] })
    await createTables(database)
    await record(database, '001_a')
    await gate.whenOpen()
  })

  test('whenOpen ends with its signal, and with the gate', async () => {
    const { gate } = makeGate()
    const controller = new AbortController()
    const aborted = gate.whenOpen({ signal: controller.signal })
    const stopped = gate.whenOpen()
    controller.abort(new Error('no patience'))
    await expect(aborted).rejects.toThrow('no patience')
    await expect(gate.whenOpen({ signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late')
    const rejection = expect(stopped).rejects.toMatchObject({ code: 'TM5008' })
    await gate.stop()
    await rejection
    await expect(gate.whenOpen()).rejects.toMatchObject({ code: 'TM5008' })
  })

  test('probes: alive always, ready once open', async () => {
    const { gate } = makeGate()
    expect(gate.livez()).toMatchObject({ status: 200, body: '{"status":"alive"}' })
    expect(await gate.readyz()).toMatchObject({ status: 503 })
    await createTables(database)
    await record(database, '001_a')
    await record(database, '002_b')
    await gate.whenOpen()
    expect(await gate.readyz()).toMatchObject({ status: 200, body: '{"status":"current"}' })
  })
})

describe('routes', () => {
  test('a route waits for its own ids alone, blocking or not', async () => {
    await createTables(database)
    await record(database, '001_a')
    const { gate } = makeGate({
      migrations: manifestOf(entry('001_a'), entry('002_b'), entry('003_slow', { blocking: false })),
    })
    const first = gate.guard({ requires: ['001_a'] })
    const slow = gate.guard({ requires: ['003_slow'] })
    await firstCheck(gate)
    expect(await Promise.all([codeOf(first), codeOf(slow), codeOf(gate)])).toEqual([200, 503, 503])
    await record(database, '002_b')
    await gate.whenOpen()
    expect(await codeOf(slow)).toBe(503)
    await record(database, '003_slow')
    await until(() => slow.isOpen())
  })

  test('a route that is added after the gate has opened is checked too', async () => {
    await createTables(database)
    await record(database, '001_a')
    await record(database, '002_b')
    const { gate } = makeGate({
      migrations: manifestOf(entry('001_a'), entry('002_b'), entry('003_slow', { blocking: false })),
    })
    await gate.whenOpen()
    // The check that opened the gate is over by then.
    await setImmediate()
    const slow = gate.guard({ requires: ['003_slow'] })
    expect(await codeOf(slow)).toBe(503)
    await record(database, '003_slow')
    await until(() => slow.isOpen())
  })

  test('a route that requires what does not exist is refused and leaves nothing behind', async () => {
    await createTables(database)
    await record(database, '001_a')
    await record(database, '002_b')
    const counter = counting()
    const { gate } = makeGate({
      database: counter,
      migrations: manifestOf(entry('001_a'), entry('002_b'), entry('003_slow', { blocking: false })),
    })
    await gate.whenOpen()
    expect(() => gate.guard({ requires: ['001_b'] })).toThrow(expect.objectContaining({ code: 'TM2007' }))
    const slow = gate.guard({ requires: ['003_slow'] })
    await until(() => counter.queries.length >= 2)
    await record(database, '003_slow')
    await until(() => slow.isOpen())
    const before = counter.queries.length
    await othersCheck()
    expect(counter.queries).toHaveLength(before)
  })

  test('a replaced id means its squash', async () => {
    await createTables(database)
    await record(database, '010_squash', { header: { replaces: ['001_a'] } })
    const { gate } = makeGate({ migrations: manifestOf(entry('010_squash', { replaces: ['001_a'] })) })
    const route = gate.guard({ requires: ['001_a'] })
    await gate.whenOpen()
    expect(await codeOf(route)).toBe(200)
  })
})

describe('when the database fails', () => {
  test('down at start: closed without a reason, then open when the database comes up', async () => {
    const proxy = await startProxy(database.url)
    cleanups.push(() => proxy.close())
    proxy.cut()
    await createTables(database)
    await record(database, '001_a')
    await record(database, '002_b')
    const proxied = new pg.Pool({ connectionString: proxy.url })
    cleanups.push(() => proxied.end())
    const { gate } = makeGate({ database: proxied })
    await firstCheck(gate)
    expect(JSON.parse((await gate.refuse(request()))?.body ?? '')).toEqual({
      type: 'urn:tidemark:schema-not-current',
      title: 'Database schema is not current',
      status: 503,
      detail: 'The state of the database schema is not known.',
    })
    expect(gate.status()).toMatchObject({ kind: 'unknown', open: false, error: { code: 'TM5090' } })
    proxy.restore()
    await gate.whenOpen()
    expect(gate.status()).toMatchObject({ kind: 'current', error: null })
  })

  test.each([
    ['open', true],
    ['close', false],
  ] as const)(
    'down later: with onError %s the gate is open: %s; and open again afterwards',
    async (onError, open) => {
      const proxy = await startProxy(database.url)
      cleanups.push(() => proxy.close())
      await createTables(database)
      await record(database, '001_a')
      await record(database, '002_b')
      const proxied = new pg.Pool({ connectionString: proxy.url })
      cleanups.push(() => proxied.end())
      const { gate, events } = makeGate({ database: proxied, watch: true, onError })
      await gate.whenOpen()
      proxy.cut()
      await until(() => events.some(({ kind }) => kind === 'check_failed'))
      expect(gate.isOpen()).toBe(open)
      proxy.restore()
      await until(() => gate.status().error === null)
      expect(gate.isOpen()).toBe(true)
    },
  )

  test('a gate that a failing check has closed does not say that the database is ahead', async () => {
    let fails = false
    const wavering = { query: async () => (fails ? Promise.reject(new Error('down')) : { rows: [] }) }
    const { gate } = makeGate({ database: wavering, watch: true, onError: 'close', expose: 'ids' })
    await gate.whenOpen()
    fails = true
    await until(() => !gate.isOpen())
    expect(JSON.parse((await gate.refuse(request()))?.body ?? '')).toEqual({
      type: 'urn:tidemark:schema-not-current',
      title: 'Database schema is not current',
      status: 503,
      detail: 'The state of the database schema is not known.',
    })
    expect((await gate.readyz()).status).toBe(503)
  })

  test('a pool of one connection serves the gate and the application', async () => {
    const single = new pg.Pool({ connectionString: database.url, max: 1 })
    cleanups.push(() => single.end())
    const { gate } = makeGate({ database: single })
    const answers = await Promise.all(
      [...Array(50)].map(() => Promise.all([codeOf(gate), single.query('SELECT 1')])),
    )
    expect(new Set(answers.map(([code]) => code))).toEqual(new Set([503]))
  })

  test('a check that hangs is given up; requests do not wait for it', async () => {
    let hanging = true
    const slow = {
      query: () => (hanging ? new Promise<never>(() => undefined) : Promise.resolve({ rows: [] })),
    }
    const { gate } = makeGate({ database: slow, timeoutMs: 30 })
    expect(await codeOf(gate)).toBe(503)
    await firstCheck(gate)
    expect(gate.status()).toMatchObject({
      kind: 'unknown',
      error: { code: 'TM5090', message: 'the schema could not be checked: no answer within 30 ms' },
    })
    hanging = false
    await gate.whenOpen()
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no pool')
      },
    ],
    ['rejects with no error', () => Promise.reject('gone')],
    ['answers something else', () => Promise.resolve({ rows: [{ id: 1 }] })],
  ])('a database that %s keeps the gate closed and emits an event', async (_name, query) => {
    const { gate, events } = makeGate({ database: { query } })
    await firstCheck(gate)
    expect(await codeOf(gate)).toBe(503)
    expect(gate.status()).toMatchObject({ kind: 'unknown', error: { code: 'TM5090' } })
    expect(events[0]).toMatchObject({ kind: 'check_failed', error: { code: 'TM5090' } })
  })

  test("an idle connection's error ends no process, also after the gate, with one listener a pool", async () => {
    const gates = [1, 2, 3].map(() => createGate({ database: pool, migrations: twoMigrations }))
    await Promise.all(gates.map((gate) => gate.stop()))
    expect(pool.listenerCount('error')).toBe(1)
    expect(() => pool.emit('error', new Error('terminated'), undefined)).not.toThrow()
  })
})

describe('with as little as possible', () => {
  test('a reader role suffices, in read-only transactions', async () => {
    await createTables(database)
    await record(database, '001_a')
    const role = `reader_${database.name}`
    await database.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'reader';
       ALTER ROLE ${role} SET default_transaction_read_only = on;
       REVOKE ALL ON schema_migrations, migration_history FROM PUBLIC;
       GRANT SELECT ON schema_migrations, migration_history TO ${role}`,
    )
    cleanups.push(async () => {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    })
    const url = new URL(database.url)
    url.username = role
    url.password = 'reader'
    const reader = new pg.Pool({ connectionString: url.href })
    cleanups.push(() => reader.end())
    const { gate } = makeGate({ database: reader })
    expect(await codeOf(gate)).toBe(503)
    await record(database, '002_b')
    await gate.whenOpen()
  })
})
