import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createTestDatabase, shadowCatalog, startRecorder, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProxy } from '../../test/index.ts'
import type { Gate } from '../gate.ts'
import type { GateEvent } from '../status/gate-event.ts'
import { createGate, type PgGateOptions } from './pg-gate.ts'

let database: TestDatabase
let folder: string
/** Run after the test, the last first, before the database goes. */
const cleanups: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'gate-pg-'))
  writeMigration('001_users', 'CREATE TABLE users (id int)', 'DROP TABLE users')
  writeMigration('002_orders', 'CREATE TABLE orders (id int)', 'DROP TABLE orders')
})
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
  await database.drop()
})

function writeMigration(id: string, up: string, down = 'SELECT 1', header = ''): void {
  writeFileSync(join(folder, `${id}.sql`), `${header}-- @up\n${up};\n-- @down\n${down};\n`)
}

const HOUR_MS = 3_600_000

/**
 * A gate that is stopped with its test, and what it announced. Its timer is of no help: what opens it in time
 * is LISTEN.
 */
function makeGate(options: Partial<PgGateOptions> = {}) {
  const events: GateEvent[] = []
  const gate = createGate({
    database: database.url,
    migrations: folder,
    poll: { minMs: HOUR_MS, maxMs: HOUR_MS },
    onEvent: (event) => events.push(event),
    ...options,
  })
  cleanups.push(() => gate.stop())
  return { gate, events }
}

const runner = (schema = 'public') =>
  createMigrationRunner({ database: database.url, migrations: folder, schema })
const connections = async () =>
  Number(
    (
      await database.query<{ count: string }>(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tidemark gate' AND datname = current_database()",
      )
    )[0]?.count,
  )
const isListening = async () =>
  (
    await database.query(
      "SELECT FROM pg_stat_activity WHERE query = 'LISTEN tidemark' AND datname = current_database()",
    )
  ).length > 0

const pendingOf = (gate: Gate) => {
  const status = gate.status()
  return status.kind === 'unknown' ? undefined : status.pending.join()
}

const checkedAt = (gate: Gate) => {
  const status = gate.status()
  return status.kind === 'unknown' ? 0 : status.checkedAt.getTime()
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10)
}

test('a notification opens the gate at the end of the run, and the connections are given back', async () => {
  const { gate } = makeGate()
  await until(isListening)
  await until(() => gate.status().kind === 'behind')
  await runner().runMigrations()
  await gate.whenOpen()
  await until(async () => (await connections()) === 0)
})

test('a gate that watches closes at the end of a rollback', async () => {
  const { gate } = makeGate({ watch: true })
  await runner().runMigrations()
  await gate.whenOpen()
  await until(isListening)
  await runner().rollBack()
  await until(() => !gate.isOpen())
  expect(gate.status()).toMatchObject({ kind: 'behind', pending: ['002_orders'] })
})

test('a notification only triggers a re-check: any role may send one', async () => {
  const { gate, events } = makeGate()
  await until(isListening)
  await until(() => gate.status().kind === 'behind')
  for (const payload of ['{"v":1,"schema":"public","run":"current"}', 'open']) {
    const seen = checkedAt(gate)
    await database.query("SELECT pg_notify('tidemark', $1)", [payload])
    await until(() => checkedAt(gate) > seen)
  }
  expect(gate.isOpen()).toBe(false)
  expect(events.map(({ kind }) => kind)).not.toContain('opened')
})

test('notifications that any role may send cause at most one check in 250 ms', async () => {
  const starts: number[] = []
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  cleanups.push(() => pool.end())
  const counted = {
    query(text: string, values: string[]) {
      starts.push(performance.now())
      return pool.query(text, values)
    },
  }
  const { gate } = makeGate({ database: counted, directUrl: database.url })
  await until(isListening)
  await until(() => gate.status().kind === 'behind')
  while (starts.length < 6) await database.query("NOTIFY tidemark, '{}'")
  const gaps = starts.slice(1).map((start, place) => start - (starts[place] ?? 0))
  // A timer may fire a millisecond early.
  expect(gaps.filter((gap) => gap < 249)).toEqual([])
})

test('no statement of a gate, its listener and its run finds anything but what it means', async () => {
  await runner().runMigrations({ target: '001_users' })
  await shadowCatalog(database)
  const recorder = await startRecorder(database.url)
  cleanups.push(() => recorder.close())
  const url = recorder.url(database.url)
  const { gate } = makeGate({ database: url, watch: true, migrateOnStart: true, ahead: 'refuse' })
  await gate.whenOpen()
  await until(() => recorder.statements.includes('LISTEN tidemark'))
  const seen = checkedAt(gate)
  await database.query("SELECT pg_catalog.pg_notify('tidemark', '')")
  await until(() => checkedAt(gate) > seen)
  expect((await gate.readyz()).status).toBe(200)
  expect(recorder.errors).toEqual([])
})

test('a listener that loses its connection connects again', async () => {
  const proxy = await startProxy(database.url)
  cleanups.push(() => proxy.close())
  const { gate } = makeGate({ directUrl: proxy.url })
  await until(isListening)
  proxy.cut()
  await until(async () => !(await isListening()))
  proxy.restore()
  await until(isListening)
  await runner().runMigrations()
  await gate.whenOpen()
})

test('a listener whose backend is terminated connects again', async () => {
  const { gate } = makeGate()
  await until(isListening)
  const backends = () =>
    database.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN tidemark' AND datname = current_database()",
    )
  const [before] = await backends()
  await database.query('SELECT pg_terminate_backend($1)', [before?.pid])
  await until(async () => ((await backends())[0]?.pid ?? before?.pid) !== before?.pid)
  await runner().runMigrations()
  await gate.whenOpen()
})

test('a stopped gate leaves nothing behind: no connection, no timer, no socket, no listener', async () => {
  await database.query('SELECT 1')
  const before = process.getActiveResourcesInfo()
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const gates = [
    makeGate({ watch: true }).gate,
    makeGate({ migrateOnStart: true }).gate,
    makeGate({ database: pool, directUrl: database.url, watch: true }).gate,
  ]
  await Promise.all(gates.map((gate) => gate.whenOpen()))
  await until(isListening)
  await Promise.all(gates.map((gate) => gate.stop()))
  await pool.end()
  await until(async () => (await connections()) === 0)
  const listLeft = () => {
    const left = process.getActiveResourcesInfo()
    for (const resource of before) if (left.includes(resource)) left.splice(left.indexOf(resource), 1)
    return left
  }
  await until(() => listLeft().length === 0)
  expect(pool.listenerCount('error')).toBe(1)
})

test('a gate without a URL polls', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  cleanups.push(() => pool.end())
  const { gate } = makeGate({ database: pool, poll: { minMs: 20, maxMs: 50 } })
  await until(() => gate.status().kind === 'behind')
  expect(await isListening()).toBe(false)
  await runner().runMigrations()
  await gate.whenOpen()
})

test('tracking tables in a schema of their own are found', async () => {
  const { gate } = makeGate({ schema: 'Tide mark' })
  await until(isListening)
  await runner('Tide mark').runMigrations()
  await gate.whenOpen()
})

test('the real tables answer for on_change texts, old and new, in a rolling deploy', async () => {
  writeMigration('003_views', 'CREATE VIEW v AS SELECT 1 AS a', 'DROP VIEW v', '-- Run: on_change\n')
  await runner().runMigrations()
  const oldCode = makeGate({ watch: true }).gate
  await oldCode.whenOpen()
  writeMigration(
    '003_views',
    'CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b',
    'DROP VIEW v',
    '-- Run: on_change\n',
  )
  const newCode = makeGate().gate
  await until(() => newCode.status().kind === 'behind')
  await until(isListening)
  const seen = checkedAt(oldCode)
  await runner().runMigrations()
  await newCode.whenOpen()
  await until(() => checkedAt(oldCode) > seen)
  expect(oldCode.isOpen()).toBe(true)
})

test('the real tables answer for a squash, to code before and after it', async () => {
  await runner().runMigrations()
  const before = mkdtempSync(join(tmpdir(), 'gate-pg-before-'))
  for (const id of ['001_users', '002_orders'])
    writeFileSync(join(before, `${id}.sql`), '-- @up\nSELECT 1;\n')
  const after = mkdtempSync(join(tmpdir(), 'gate-pg-after-'))
  writeFileSync(
    join(after, '010_squash.sql'),
    '-- Replaces: [001_users, 002_orders]\n-- @up\nCREATE TABLE users (id int); CREATE TABLE orders (id int);\n',
  )
  await makeGate({ migrations: after }).gate.whenOpen()
  await createMigrationRunner({ database: database.url, migrations: after }).runMigrations()
  const [old, fresh] = [makeGate({ migrations: before }).gate, makeGate({ migrations: after }).gate]
  await Promise.all([old.whenOpen(), fresh.whenOpen()])
  expect([old.status().kind, fresh.status().kind]).toEqual(['changed', 'current'])
  const empty = await createTestDatabase()
  cleanups.unshift(() => empty.drop())
  await createMigrationRunner({ database: empty.url, migrations: after }).runMigrations()
  const { gate } = makeGate({ database: empty.url, migrations: before })
  await gate.whenOpen()
  expect(gate.status().kind).toBe('current')
})

test('migrateOnStart: of five replicas that start together one applies, and all open', async () => {
  const gates = Array.from({ length: 5 }, () => makeGate({ migrateOnStart: true }).gate)
  await Promise.all(gates.map((gate) => gate.whenOpen()))
  const attempts = await database.query(
    'SELECT migration_id, status FROM migration_history ORDER BY migration_id',
  )
  expect(attempts).toEqual([
    { migration_id: '001_users', status: 'completed' },
    { migration_id: '002_orders', status: 'completed' },
  ])
})

test('migrateOnStart: a migration that fails is an event, and the gate stays closed without a crash', async () => {
  writeMigration('003_broken', 'SELECT 1 / 0')
  const { gate, events } = makeGate({ migrateOnStart: true })
  await until(() => events.some(({ kind }) => kind === 'migration_failed'))
  await until(() => gate.status().kind === 'failed')
  expect(gate.status()).toMatchObject({ open: false, pending: ['003_broken'], failed: ['003_broken'] })
  expect(events.find(({ kind }) => kind === 'migration_failed')).toMatchObject({ error: { code: 'TM5004' } })
})

test('migrateOnStart: any other failure is an event with a code of its own', async () => {
  const migrations = { readMigrations: () => Promise.reject(new Error('disk on fire')) }
  const { gate, events } = makeGate({ migrations, migrateOnStart: true })
  await expect(gate.whenOpen()).rejects.toThrow('disk on fire')
  await until(() => events.length > 0)
  expect(events).toMatchObject([
    {
      kind: 'migration_failed',
      error: { code: 'TM5091', message: 'migrating on start failed: disk on fire' },
    },
  ])
})

test('migrateOnStart: an onEvent that throws ends neither the tries nor the stop', async () => {
  const proxy = await startProxy(database.url)
  cleanups.push(() => proxy.close())
  proxy.cut()
  const thrown: unknown[] = []
  const catchThrown = (error: unknown) => thrown.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', catchThrown)
  cleanups.push(async () => {
    process.off('uncaughtException', catchThrown)
    for (const other of others) process.on('uncaughtException', other)
  })
  const { gate } = makeGate({
    database: proxy.url,
    migrateOnStart: true,
    poll: { minMs: 50, maxMs: 100 },
    onEvent: ({ kind }) => {
      if (kind === 'migration_failed') throw new Error('mine')
    },
  })
  await until(() => thrown.length > 0)
  expect(thrown).toEqual([new Error('mine')])
  proxy.restore()
  await gate.whenOpen()
  await gate.stop()
})

test('migrateOnStart: a database that is not there yet is waited for', async () => {
  const proxy = await startProxy(database.url)
  cleanups.push(() => proxy.close())
  proxy.cut()
  const { gate, events } = makeGate({
    database: proxy.url,
    migrateOnStart: true,
    poll: { minMs: 50, maxMs: 100 },
  })
  await until(() => events.some(({ kind }) => kind === 'migration_failed'))
  proxy.restore()
  await gate.whenOpen()
})

test.each(['Pool', 'Client'] as const)(
  'migrateOnStart takes a %s of pg, and runs on connections of its own',
  async (kind) => {
    const options = { connectionString: database.url, application_name: 'shop' }
    const own = kind === 'Pool' ? new pg.Pool({ ...options, max: 1 }) : new pg.Client(options)
    cleanups.push(() => own.end())
    if (own instanceof pg.Client) await own.connect()
    const { gate } = makeGate({ database: own, migrateOnStart: true })
    await gate.whenOpen()
    expect((await runner().history()).attempts).toHaveLength(2)
    expect((await own.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  },
)

test.each([
  [
    'what only queries',
    () => ({ query: () => Promise.reject(new Error('down')) }),
    'an object is no database',
  ],
  ['an ended Pool', endedPool, 'this Pool was ended'],
])('migrateOnStart says at once why it cannot take %s', async (_, make, reason) => {
  const given = await make()
  expect(() => createGate({ database: given, migrations: folder, migrateOnStart: true })).toThrow(
    expect.objectContaining({
      code: 'TM7003',
      message: `createGate: "migrateOnStart" cannot connect by this "database": ${reason}`,
      help: 'pass `directUrl`, or as `database` a URL, or a Pool or Client of "pg" that is open and in no transaction',
    }),
  )
})

async function endedPool() {
  const pool = new pg.Pool({ connectionString: database.url })
  await pool.end()
  return pool
}

test('migrateOnStart needs the files, and says so at once', () => {
  const manifest = { formatVersion: 1, digest: '', migrations: [] }
  expect(() => createGate({ database: database.url, migrations: manifest, migrateOnStart: true })).toThrow(
    expect.objectContaining({ code: 'TM7003', message: 'createGate: "migrateOnStart" needs the files' }),
  )
  const misspelt = { database: database.url, migrations: folder, migrateOnStrat: true }
  expect(() => createGate(misspelt)).toThrow(
    expect.objectContaining({ code: 'TM7002', help: 'did you mean "migrateOnStart"?' }),
  )
})

/** A port that accepts connections and never answers, as a frozen server or a firewall does. */
async function startSilence(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return `postgres://nobody@127.0.0.1:${address.port}/none`
}

test('a gate stops although its server never answers: it does not wait for a connection that is being made', async () => {
  const url = await startSilence()
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  cleanups.push(() => pool.end())
  const { gate, events } = makeGate({ database: url })
  const { gate: listening } = makeGate({ database: pool, directUrl: url })
  await until(() => listening.status().kind === 'behind')
  await Promise.all([gate.stop(), listening.stop()])
  expect(events).toEqual([])
  // Less than the 10 s after which connecting gives up.
}, 9000)

test('a check whose connection went silent is given up, and the next one connects anew', async () => {
  const proxy = await startProxy(database.url)
  cleanups.push(() => proxy.close())
  const { gate, events } = makeGate({
    database: proxy.url,
    watch: true,
    poll: { minMs: 50, maxMs: 100 },
    timeoutMs: 1000,
  })
  await runner().runMigrations({ steps: 1 })
  await until(() => pendingOf(gate) === '002_orders')
  proxy.silence()
  await until(() => events.some(({ kind }) => kind === 'check_failed'))
  await runner().runMigrations()
  await gate.whenOpen()
  expect(gate.status().error).toBe(null)
})

test.each([
  [{ database: 'nonsense' }, '"database" does not name a PostgreSQL database'],
  [{ database: '' }, '"database" does not name a PostgreSQL database'],
  [{ database: 'mysql://app:secret@db/shop' }, '"database" does not name a PostgreSQL database'],
  [{ database: 'pglite:memory' }, '"database" does not name a PostgreSQL database'],
  [
    { database: 'postgres://app:secret@db:99999/shop' },
    '"database" has a port that is not a number from 1 to 65535',
  ],
  [{ database: 'postgres://app:se%zzcret@db/shop' }, '"database" is not a URL that can be read'],
  [{ database: 'postgres://app:sec/ret@db/shop' }, '"database" is not a URL that can be read'],
  [
    { database: 'postgres://app:secret@db/shop?sslmode=safe' },
    '"database" has "safe" as sslmode, which does not exist',
  ],
  [{ directUrl: 'nonsense' }, '"directUrl" does not name a PostgreSQL database'],
  [{ database: undefined }, '"database" is missing'],
  [{ migrateOnStart: 'yes' }, '"migrateOnStart" is not valid: needs true or false'],
])('a URL that leads nowhere is refused when the application starts: %o', (options, message) => {
  const { url } = database
  expect(() =>
    Reflect.apply(createGate, undefined, [{ database: url, migrations: folder, ...options }]),
  ).toThrow(expect.objectContaining({ code: 'TM7003', message: `createGate: ${message}` }))
})

test('a target that is named by a URL is checked over a connection that is closed after it', async () => {
  const runner = createMigrationRunner({
    database: database.url,
    migrations: folder,
    schema: 'tenant_a',
    searchPath: 'tenant_a,public',
    createSchema: true,
  })
  await runner.runMigrations()
  const gate = createGate({
    migrations: folder,
    target: ({ path }) => ({ name: path, database: database.url, schema: path.slice(1) }),
    maxTargets: 2,
  })
  cleanups.push(() => gate.stop())
  const ask = (path: string) => gate.refuse({ method: 'GET', path, header: () => undefined })
  expect(await ask('/tenant_a')).toBeUndefined()
  for (const path of ['/tenant_b', '/tenant_c', '/tenant_d']) expect((await ask(path))?.status).toBe(503)
  expect([gate.status('/tenant_a')?.kind, gate.status('/tenant_b')]).toEqual(['current', undefined])
  const connections = async () =>
    (
      await database.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidemark gate'",
      )
    ).length
  while ((await connections()) > 0) await sleep(10)
  await gate.stop()
  expect((await ask('/tenant_a'))?.status).toBe(503)
})

test('a new tenant is migrated on start in its own schemas', async () => {
  const gate = createGate({
    database: database.url,
    migrations: folder,
    schema: 'tenant_a',
    searchPath: ['tenant_a', 'public'],
    createSchema: true,
    migrateOnStart: true,
  })
  cleanups.push(() => gate.stop())
  await gate.whenOpen()
  const found = await database.query(
    "SELECT relnamespace::regnamespace::text AS at FROM pg_class WHERE relname IN ('users', 'orders')",
  )
  expect(found).toEqual([{ at: 'tenant_a' }, { at: 'tenant_a' }])
})
