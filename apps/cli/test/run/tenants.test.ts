import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { pgDumpMissing } from '../support/pg-dump-missing.ts'
import { openProject, type Project } from '../support/project.ts'
import { openTenants, TENANT_FILES, tenant } from '../support/tenants.ts'

beforeAll(buildWhenStale)

const tablesOf = async ({ server }: Project, schema: string) =>
  (
    await server?.query<{ name: string }>(
      "SELECT relname::text AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname !~ '^(schema_mig|migration_|database_)' ORDER BY 1",
      [schema],
    )
  )?.map(({ name }) => name)

test('a missing schema is one error with the flag, and the suggestion repeats the target', async () => {
  const { run } = await openProject(TENANT_FILES, 'server')
  const failed = await run(['up', ...tenant('tenant_a')])
  expect([failed.code, failed.stderr.match(/TM7041/g)?.length]).toEqual([2, 1])
  expect(failed.stderr).toContain('the schema "tenant_a" of the search path does not exist in database')
  expect(failed.stderr).toContain(
    'tidemark up --create-schema --schema tenant_a --search-path tenant_a,public',
  )
  for (const command of ['status', 'plan', 'verify'])
    expect((await run([command, ...tenant('tenant_a')])).code).toBe(2)
  expect((await run(['plan', ...tenant('tenant_a'), '--create-schema'])).stdout).toContain('001_orders')
})

test('without --schema each search path has its records in its first schema', async () => {
  const project = await openProject(TENANT_FILES, 'server')
  for (const name of ['tenant_a', 'tenant_b']) {
    const { code } = await project.run(['up', '--search-path', `${name},public`, '--create-schema'])
    expect([name, code, await tablesOf(project, name)]).toEqual([name, 0, ['orders']])
  }
  const placed = await project.server?.query(
    "SELECT relnamespace::regnamespace::text AS schema FROM pg_class WHERE relname = 'schema_migrations' ORDER BY 1",
  )
  expect(placed).toEqual([{ schema: 'tenant_a' }, { schema: 'tenant_b' }])
  expect((await project.run(['status', '--search-path', 'tenant_b,public'])).code).toBe(0)
  const elsewhere = await project.run(['status', '--search-path', 'tenant_b,public', '--schema', 'public'])
  expect(elsewhere.code).toBe(3)
})

test('every command on one tenant leaves the other alone', async () => {
  const project = await openTenants('tenant_a', 'tenant_b')
  const { run, server } = project
  const a = (...args: readonly string[]) => run([...args, ...tenant('tenant_a')])
  await server?.query(
    'INSERT INTO tenant_b.orders DEFAULT VALUES; INSERT INTO tenant_a.orders DEFAULT VALUES',
  )
  expect((await a('status')).code).toBe(0)
  expect((await a('verify')).code).toBe(0)
  expect((await a('redo', '--yes')).code).toBe(0)
  const down = await a('down', '--all', '--backup', '--yes')
  expect([down.code, await tablesOf(project, 'tenant_a'), await tablesOf(project, 'tenant_b')]).toEqual([
    0,
    [],
    ['orders'],
  ])
  const { attempts } = JSON.parse((await a('history', '--limit', '1', '--json')).stdout)
  expect(attempts[0].backup.tables).toEqual(['tenant_a.orders'])
  expect((await a('restore', attempts[0].runId, '--yes')).stdout).toContain('✓ 1 table restored.')
  expect(await server?.query('SELECT count(*)::int FROM tenant_a.orders')).toEqual([{ count: 1 }])
  await server?.query('DROP TABLE tenant_a.orders CASCADE; DROP TYPE IF EXISTS tenant_a.state')
  expect((await a('up')).code).toBe(0)
  expect((await a('reset', '--yes')).code).toBe(0)
  expect(await server?.query('SELECT count(*)::int FROM tenant_b.orders')).toEqual([{ count: 1 }])
  expect((await run(['status', ...tenant('tenant_b')])).code).toBe(0)
  expect(await tablesOf(project, 'public')).toEqual([])
})

test.skipIf(pgDumpMissing)('a snapshot has the schema of the tenant', async () => {
  const { run } = await openProject(TENANT_FILES)
  const { code, stdout } = await run(['snapshot', ...tenant('tenant_a')])
  expect([code, stdout.includes('CREATE TABLE tenant_a.orders')]).toEqual([0, true])
})

test('a plan that was saved for one tenant is refused for another, and for none', async () => {
  const { run } = await openProject(TENANT_FILES, 'server')
  const on = (name: string) => ['--search-path', `${name},public`, '--schema', 'public', '--create-schema']
  expect((await run(['plan', ...on('tenant_a'), '--out', 'plan.json'])).code).toBe(0)
  for (const place of [on('tenant_b'), tenant('tenant_b'), []]) {
    const refused = await run(['up', '--plan', 'plan.json', ...place, '--json'])
    const { error } = JSON.parse(refused.stdout)
    expect([refused.code, error.code, /\(and \d+ more\)/.test(error.message)]).toEqual([4, 'TM4007', false])
  }
  expect((await run(['up', '--plan', 'plan.json', ...on('tenant_a')])).code).toBe(0)
})
