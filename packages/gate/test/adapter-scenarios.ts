import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTestDatabase,
  pgBouncerMissing,
  startPgBouncer,
  type TestDatabase,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGate, type Gate, type GateEvent, type GateOptions, type GateStatus } from '../src/index.ts'
import type { StartAdapter } from './adapter-suite.ts'
import { entry, manifestOf } from './manifests.ts'
import { startProxy } from './proxy.ts'
import { createTables, record } from './tracking-tables.ts'

const oldCode = manifestOf(entry('001_users'), entry('002_phone', { blocking: false }))
const newCode = manifestOf(entry('001_users'), entry('002_phone'), entry('003_orders'))

/**
 * What happens in a deployment, over real HTTP: outages, rollbacks, poolers, roles, and two versions at once.
 */
export function describeScenarios(start: StartAdapter): void {
  let database: TestDatabase
  /** Run after the test, the last first, before the database goes. */
  const cleanups: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean()
    await database.drop()
  })

  /** A running application whose gate checks often; gives the status code of a path. */
  async function serve(url: string, options: Partial<GateOptions> = {}) {
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    const gate: Gate = createGate({
      database: pool,
      migrations: oldCode,
      poll: { minMs: 20, maxMs: 60 },
      ...options,
    })
    const app = await start(gate)
    cleanups.push(
      () => pool.end(),
      () => gate.stop(),
      () => app.close(),
    )
    return async (path = '/') => (await fetch(app.url + path)).status
  }

  async function until(get: () => Promise<number>, status: number): Promise<void> {
    while ((await get()) !== status) await sleep(10)
  }

  test('a database that is down at the start is waited for, and one that goes down later changes nothing', async () => {
    await createTables(database)
    await record(database, '001_users')
    const proxy = await startProxy(database.url)
    cleanups.push(() => proxy.close())
    proxy.cut()
    const events: GateEvent['kind'][] = []
    const get = await serve(proxy.url, { watch: true, onEvent: ({ kind }) => events.push(kind) })
    expect([await get(), await get('/readyz'), await get('/livez')]).toEqual([503, 503, 200])
    proxy.restore()
    await until(get, 200)
    events.length = 0
    proxy.cut()
    while (!events.includes('check_failed')) await sleep(10)
    expect([await get(), await get('/readyz')]).toEqual([200, 200])
  })

  test('a rollback closes a gate that watches', async () => {
    await createTables(database)
    await record(database, '001_users')
    const get = await serve(database.url, { watch: true })
    await until(get, 200)
    await record(database, '001_users', { status: 'rolled_back' })
    await until(get, 503)
    await record(database, '001_users')
    await until(get, 200)
  })

  test('in a rolling deploy old code is served throughout, and new code once its migrations are applied', async () => {
    await createTables(database)
    await record(database, '001_users')
    const states: GateStatus['kind'][] = []
    const onEvent = ({ status }: GateEvent) => states.push(status.kind)
    const old = await serve(database.url, { watch: true, onEvent })
    const fresh = await serve(database.url, { migrations: newCode })
    await until(old, 200)
    expect(await fresh()).toBe(503)
    await record(database, '002_phone')
    await record(database, '003_orders')
    await until(fresh, 200)
    while (!states.includes('ahead')) await sleep(10)
    expect(await old()).toBe(200)
  })

  test('a role that may only read is enough', async () => {
    await createTables(database)
    const role = `reader_${database.name}`
    await database.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'reader';
       ALTER ROLE ${role} SET default_transaction_read_only = on;
       GRANT SELECT ON schema_migrations, migration_history TO ${role}`,
    )
    cleanups.push(async () => {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    })
    const url = new URL(database.url)
    Object.assign(url, { username: role, password: 'reader' })
    const get = await serve(url.href)
    expect(await get()).toBe(503)
    await record(database, '001_users')
    await until(get, 200)
  })

  test.skipIf(pgBouncerMissing !== undefined)('a transaction pooler between changes nothing', async () => {
    await createTables(database)
    const pooler = await startPgBouncer({ server: database.url, mode: 'transaction', poolSize: 1 })
    cleanups.push(() => pooler.remove())
    const get = await serve(pooler.url(database.url))
    expect(await get()).toBe(503)
    await record(database, '001_users')
    await until(get, 200)
  })
}
