import { createTestDatabase } from '@tidemark/test-servers'
import { afterEach, expect, test } from 'vitest'
import type { SuiteEngine } from '../support/engine-harness.ts'
import {
  createServerHarness,
  HELD,
  release,
  type ServerHarness,
  serverDatabase,
  until,
  untilRunning,
} from '../support/server-harness.ts'
import { describeTenants } from '../support/tenants-suite.ts'

const engine: SuiteEngine = {
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { query: (text) => query(text), drop, open: serverDatabase(url) }
  },
}
describeTenants(engine, 'kept')

const opened: ServerHarness[] = []
afterEach(async () => {
  for (const harness of opened.splice(0)) await harness.database.drop()
})

async function start(files: ServerHarness['files']): Promise<ServerHarness> {
  const harness = await createServerHarness(files)
  opened.push(harness)
  return harness
}

const tenant = (name: string) => ({ schema: name, searchPath: [name, 'public'], createSchema: true })

test('a run of one tenant waits for no run of another, and each is announced with its schema', async () => {
  const h = await start({ '001_a': `CREATE TABLE a ();\n${HELD}` })
  const client = await h.connect()
  const announced: string[] = []
  client.on('notification', ({ payload = '' }) => announced.push(JSON.parse(payload).schema))
  await client.query('LISTEN tidemark')
  const held = h.runner(tenant('tenant_a')).runMigrations()
  await untilRunning(h, 'release')
  h.files = { '001_a': 'CREATE TABLE a ();' }
  expect((await h.runner(tenant('tenant_b')).runMigrations()).done).toEqual(['001_a'])
  await until(() => announced.length > 0)
  expect(new Set(announced)).toEqual(new Set(['tenant_b']))
  await release(h)
  expect((await held).done).toEqual(['001_a'])
  await until(() => announced.includes('tenant_a'))
})

test('an invalid index is found and built again in the schema of its tenant', async () => {
  const h = await start({
    '001_t': 'CREATE TABLE t (n int);',
    '002_u': '-- Transaction: none\n-- @up\nCREATE UNIQUE INDEX CONCURRENTLY u ON t (n);\n',
  })
  await h.up(tenant('tenant_b'))
  await h.up(tenant('tenant_a'), { target: '001_t' })
  await h.database.query('INSERT INTO tenant_a.t VALUES (1), (1)')
  await h.fail(tenant('tenant_a'))
  const oids = () =>
    h.database.query<{ at: string; valid: boolean; oid: number }>(
      "SELECT relnamespace::regnamespace::text AS at, indisvalid AS valid, c.oid::int FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relname = 'u' ORDER BY 1",
    )
  const [, before] = await oids()
  await h.database.query('DELETE FROM tenant_a.t')
  expect((await h.up(tenant('tenant_a'))).done).toEqual(['002_u'])
  expect(await oids()).toEqual([
    { at: 'tenant_a', valid: true, oid: expect.any(Number) },
    { at: 'tenant_b', valid: true, oid: before?.oid },
  ])
})
