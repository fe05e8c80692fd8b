import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const env = { COLUMNS: '40' }
const LONG = {
  'migrations/20240101000000_create_customer_accounts.sql':
    '-- Type: create_table\n-- @up\nCREATE TABLE customer_accounts (id int PRIMARY KEY);\n-- @down\nDROP TABLE customer_accounts;\n',
  'migrations/20240102000000_index.sql':
    '-- Depends on: [20240101000000_create_customer_accounts]\n-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY i ON customer_accounts (id);\n',
}

test('plan, up and status break lines between words where the terminal is narrow', async () => {
  const { run } = await openProject(LONG, 'embedded')
  expect((await run(['plan'], { env })).stdout).toBe(`tidemark  <database>  2 pending of 2

  1  20240101000000_create_cu…  pending
  2  20240102000000_index       pending…

Nothing was changed. Execute it with
\`tidemark up\`.
`)
  expect((await run(['up'], { env })).stdout.replaceAll(/ +(\d+ ms|\d\.\d s)/g, ' <time>')).toBe(
    `tidemark  <database>  2 pending of 2
 ✓ 20240101000000_create_cust… <time>
 ✓ 20240102000000_index <time>
   no transaction
✓ 2 migrations applied in <time>, nothing pending
`,
  )
  expect((await run(['status'], { env })).stdout).toBe(`tidemark  <database>  2 migrations

 ✓  20240101000000_create_cust…  applied
 ✓  20240102000000_index         applied

2 applied, 0 pending; head:
20240102000000_index
`)
})

test('each check of doctor hangs under its own column', async () => {
  const { run } = await openProject(LONG, 'embedded')
  const { stdout } = await run(['doctor'], { env })
  expect(stdout).toContain(` ✓ files         2 migrations, no
                 problem
`)
  expect(stdout.split('\n').filter((line) => line.length > 40)).toEqual([])
})
