import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

// What people meet in the first ten minutes, each with the command that helps.

test('a relation that exists already: baseline', async () => {
  const { run, server } = await openProject(SHOP, 'server')
  await server?.query('CREATE TABLE users (id int PRIMARY KEY)')
  const { code, stderr } = await run(['up'])
  expect(code).toBe(1)
  expect(stderr).toContain('ERROR 42P07 relation "users" already exists  (TM5004)')
  expect(stderr).toContain(
    'help: it already exists: if the database was not created by these migrations, check what it has, then adopt it with "tidemark baseline --through ID"\n',
  )
})

test('a plain SQL file: the two lines to add', async () => {
  const { run } = await openProject({ 'migrations/001_users.sql': 'CREATE TABLE users (id int);\n' })
  expect(await run(['validate'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `migrations/001_users.sql error TM1001: no "-- @up" marker
help: add a line "-- @up" before the SQL; to make it reversible, add "-- @down" and the SQL that reverts it
`,
  })
})

test('a tracking table of another tool: --schema', async () => {
  const { run, server } = await openProject(SHOP, 'server')
  await server?.query('CREATE TABLE schema_migrations (version varchar PRIMARY KEY)')
  const { code, stderr } = await run(['up'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/error TM3001: .*\nhelp: .*--schema/)
})
