import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openTenants, tenant } from '../support/tenants.ts'

beforeAll(buildWhenStale)

test('the shadow and the rehearsal are in the search path', async () => {
  const project = await openTenants('tenant_a', 'tenant_b')
  const { run, server } = project
  const a = (...args: readonly string[]) => run([...args, ...tenant('tenant_a')])
  const clean = await a('drift')
  expect([clean.code, clean.stdout]).toEqual([0, expect.any(String)])
  await server?.query('ALTER TABLE tenant_b.orders ADD wild int')
  expect((await a('drift')).code).toBe(0)
  await server?.query('ALTER TABLE tenant_a.orders ADD wild int')
  expect((await a('drift')).code).toBe(4)
  await server?.query('ALTER TABLE tenant_a.orders DROP wild')
  await project.write(
    'migrations/003_index.sql',
    '-- Depends on: [002_totals]\n-- @up\nCREATE INDEX ON orders (total);\nINSERT INTO orders (total) VALUES (1);\n-- @down\nDELETE FROM orders WHERE total = 1;\nDROP INDEX orders_total_idx;\n',
  )
  const rehearsed = await a('rehearse')
  expect(rehearsed.stdout).toContain('tenant_a.orders')
  expect([0, 7]).toContain(rehearsed.code)
  const checked = await a('check')
  expect(checked.stdout + checked.stderr).not.toMatch(/does not exist|TM5/)
})
