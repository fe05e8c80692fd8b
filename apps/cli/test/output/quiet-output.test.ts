import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

test('that \\restrict is ignored is said when the file is applied and by validate, not at every run', async () => {
  const dump = '\\restrict x\n-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n\\unrestrict x\n'
  const { run } = await openProject({ 'migrations/001_a.sql': dump }, 'server')
  expect((await run(['up'])).stderr).toContain('note TM1028')
  for (const args of [['up'], ['plan'], ['status'], ['down', '--dry-run'], ['history'], ['verify']]) {
    expect({ args, stderr: (await run(args)).stderr }).toEqual({ args, stderr: '' })
  }
  expect((await run(['validate'])).stderr + (await run(['validate'])).stdout).toContain('note TM1028')
})

const VERIFIED = `-- @up
CREATE TABLE a (id int, name text);
INSERT INTO a VALUES (1, 'x'), (2, NULL);
-- @down
DROP TABLE a;
-- @verify
SELECT name IS NOT NULL,
  id, name
FROM a ORDER BY id;
`

test('a @verify that does not hold shows its row and its whole query, and no SQLSTATE of ours', async () => {
  const { run } = await openProject({ 'migrations/001_a.sql': VERIFIED }, 'server')
  const { code, stderr } = await run(['up'])
  expect({ code, stderr: stderr.replaceAll(/ +\d+ ms/g, ' <time>') }).toEqual({
    code: 1,
    stderr: ` ✗ 001_a <time>
   migrations/001_a.sql:7:1  verify 1 of 1
     6 │ -- @verify
   > 7 │ SELECT name IS NOT NULL,
       │ ^^^^^^
   ERROR row 2 is false, not true  (TM5005)
   ROW  {"id": 2, "name": null}
   QUERY  SELECT name IS NOT NULL,
            id, name
          FROM a ORDER BY id
   The database is unchanged by "001_a" (rolled back). Fix the file and run "tidemark up" again.
`,
  })
})

test('verify shows the row as well', async () => {
  const { run, server } = await openProject(
    { 'migrations/001_a.sql': VERIFIED.replace('NULL)', "'y')") },
    'server',
  )
  expect((await run(['up'])).code).toBe(0)
  await server?.query('UPDATE a SET name = NULL WHERE id = 1')
  const { stdout } = await run(['verify'])
  expect(stdout).toContain(`    "001_a" verify 1 of 1: failed: row 1 is false, not true
    SELECT name IS NOT NULL,
      id, name
    FROM a ORDER BY id
    row: {"id": 1, "name": null}
`)
})

test('history keeps the time in 60 columns', async () => {
  const { run } = await openProject(
    { 'migrations/001_create_customer_accounts.sql': '-- @up\nSELECT 1;\n' },
    'server',
  )
  await run(['up'])
  const { stdout } = await run(['history'], { env: { COLUMNS: '60' } })
  expect(stdout).toMatch(/^ ✓ {2}<moment> {2}up {2}001_create_/m)
})
