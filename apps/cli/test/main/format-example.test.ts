import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

test('the file that help format shows runs, its @verify stays true, and it can be rolled back', async () => {
  const customers = '-- @up\nCREATE TABLE customers (id bigint PRIMARY KEY);\n'
  const { run, write } = await openProject({ 'migrations/001_create_customers.sql': customers }, 'server')
  const { stdout } = await run(['help', 'format'], { env: { COLUMNS: '80' } })
  const example = /^ {2}-- Migration: (\S+)\n[\s\S]*?(?=\n\nHEADER)/m.exec(stdout)
  await write(`migrations/${example?.[1]}.sql`, (example?.[0] ?? '').replace(/^ {2}/gm, ''))
  expect((await run(['validate', '--strict'])).code).toBe(0)
  await write(
    'migrations/003_orders.sql',
    '-- Depends on: [002_create_orders]\n-- @up\nINSERT INTO orders VALUES (1);\n-- @down\nDELETE FROM orders WHERE id = 1;\n',
  )
  expect((await run(['up'])).code).toBe(0)
  expect(await run(['verify'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 held, 0 failed'),
  })
  expect((await run(['down', '--steps', '2', '--yes'])).code).toBe(0)
})
