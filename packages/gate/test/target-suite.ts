import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGate, type GateRequest, type TargetGate, type TargetGateOptions } from '../src/index.ts'
import type { AdapterApp, StartAdapter } from './adapter-suite.ts'
import { entry, manifestOf } from './manifests.ts'
import { createTables, record } from './tracking-tables.ts'

const migrations = manifestOf(entry('001_users'), entry('002_phone', { blocking: false }))

/** What every adapter does with a gate of many targets, over real HTTP and a real server. */
export function describeTargets(start: StartAdapter): void {
  let database: TestDatabase
  let pool: pg.Pool
  let down: pg.Pool
  let gate: TargetGate
  let app: AdapterApp
  /** The schemas that were checked, in the order of the checks. */
  let checked: string[]
  let seen: GateRequest[]
  let running: number
  let most: number

  const counting = (used: pg.Pool) => ({
    async query(text: string, values: string[]) {
      checked.push(values.at(-1) ?? '')
      running += 1
      most = Math.max(most, running)
      try {
        return await used.query(text, values)
      } finally {
        running -= 1
      }
    },
  })

  beforeEach(async () => {
    database = await createTestDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 20 })
    down = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/nothing' })
    for (const one of [pool, down]) one.on('error', () => undefined)
    ;[checked, seen, running, most] = [[], [], 0, 0]
    for (const schema of ['current', 'behind']) await createTables(database, schema)
    await record(database, '001_users', { schema: 'current' })
  })
  afterEach(async () => {
    await app.close()
    await gate.stop()
    await Promise.all([pool.end(), down.end()])
    await database.drop()
  })

  async function open(options: Partial<TargetGateOptions> = {}): Promise<void> {
    const [all, unreachable] = [counting(pool), counting(down)]
    gate = createGate({
      migrations,
      poll: { minMs: 1 },
      target(request) {
        seen.push(request)
        const name = request.header('x-tenant')
        if (name === 'wrong') throw new Error('no such tenant')
        if (name === undefined) return undefined
        return { name, database: name === 'down' ? unreachable : all, schema: name }
      },
      allow: ['/healthz'],
      ...options,
    })
    app = await start(gate)
  }

  const get = (path: string, tenant?: string) =>
    fetch(app.url + path, tenant === undefined ? {} : { headers: { 'x-tenant': tenant } })
  const statusOf = async (path: string, tenant?: string) => (await get(path, tenant)).status

  test('each request is answered by the state of its own target', async () => {
    await open()
    expect(await statusOf('/', 'current')).toBe(200)
    const behind = await get('/', 'behind')
    expect([behind.status, behind.headers.get('retry-after'), await behind.json()]).toEqual([
      503,
      '1',
      expect.objectContaining({ pending: 1 }),
    ])
    const unreachable = await get('/', 'down')
    expect([unreachable.status, await unreachable.json()]).toEqual([
      503,
      {
        type: 'urn:tidemark:schema-not-current',
        title: 'Database schema is not current',
        status: 503,
        detail: 'The state of the database schema is not known.',
      },
    ])
    const unknown = await get('/')
    expect([unknown.status, unknown.headers.get('content-type'), await unknown.json()]).toEqual([
      404,
      'application/problem+json',
      {
        type: 'urn:tidemark:unknown-target',
        title: 'Unknown target',
        status: 404,
        detail: 'There is no database for this request.',
      },
    ])
    expect(await statusOf('/', 'wrong')).toBe(500)
    expect([await statusOf('/healthz'), await statusOf('/livez'), await statusOf('/readyz')]).toEqual([
      200, 200, 200,
    ])
    expect(seen.every(({ raw }) => raw !== undefined)).toBe(true)
  })

  test('one that catches up is let through, and then is not checked any more', async () => {
    await open()
    expect(await statusOf('/orders', 'behind')).toBe(503)
    await record(database, '001_users', { schema: 'behind' })
    while ((await statusOf('/', 'behind')) !== 200);
    const before = checked.length
    expect([await statusOf('/', 'behind'), await statusOf('/', 'behind')]).toEqual([200, 200])
    expect(checked.length).toBe(before)
  })

  test('a route waits for its own ids, in the target of the request', async () => {
    await open()
    await record(database, '001_users', { schema: 'behind' })
    await record(database, '002_phone', { schema: 'behind' })
    expect([await statusOf('/phone', 'current'), await statusOf('/', 'current')]).toEqual([503, 200])
    expect(await statusOf('/phone', 'behind')).toBe(200)
  })

  test('many requests for one target run one check', async () => {
    await open()
    const statuses = await Promise.all(Array.from({ length: 30 }, () => statusOf('/', 'current')))
    expect([new Set(statuses), checked]).toEqual([new Set([200]), ['current']])
  })

  test('invented names cost bounded memory and checks, and close no target that is open', async () => {
    await open({ maxTargets: 5, maxChecks: 3 })
    expect(await statusOf('/', 'current')).toBe(200)
    const names = Array.from({ length: 200 }, (_, index) => `invented_${index}`)
    const statuses = await Promise.all(names.map((name) => statusOf('/', name)))
    expect(new Set(statuses)).toEqual(new Set([503]))
    expect(most).toBeLessThanOrEqual(3)
    expect(checked.length).toBeLessThanOrEqual(201)
    expect(names.filter((name) => gate.status(name) !== undefined).length).toBeLessThanOrEqual(5)
    expect(await statusOf('/', 'current')).toBe(200)
    expect(checked.filter((name) => name === 'current')).toEqual(['current'])
  })
}
