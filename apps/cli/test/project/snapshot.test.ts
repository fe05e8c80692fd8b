import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

test('a snapshot is written once, printed without a file, and checked', async () => {
  const { run, write, folder } = await openProject(SHOP)
  expect(await run(['snapshot', '--out', 'schema.sql'])).toEqual({
    code: 0,
    stdout: '✓ schema.sql  3 migrations on PostgreSQL 18\n',
    stderr: '',
  })
  const text = await readFile(join(folder, 'schema.sql'), 'utf8')
  expect(text).toContain('CREATE TABLE public.users (')
  expect((await run(['snapshot', '--out', 'schema.sql'])).stdout).toBe(
    '✓ schema.sql  3 migrations on PostgreSQL 18, up to date\n',
  )
  expect((await run(['snapshot'])).stdout).toBe(text)
  const { stdout } = await run(['snapshot', '--out', 'schema.sql', '--check', '--json'])
  expect(JSON.parse(stdout)).toEqual({
    out: 'schema.sql',
    state: 'unchanged',
    shadow: {
      engine: 'pglite',
      version: expect.stringMatching(/^18\./),
      applied: 3,
      restored: expect.any(Number),
    },
    sql: text,
  })

  // A checkout on Windows has other line ends.
  await write('schema.sql', text.replaceAll('\n', '\r\n'))
  expect((await run(['snapshot', '--out', 'schema.sql', '--check'])).code).toBe(0)
})

test('--check shows the lines that differ, and writes nothing', async () => {
  const { run, write, folder } = await openProject({
    'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int);\n',
  })
  const check = ['snapshot', '--out', 'schema.sql', '--check']
  expect(await run(check)).toEqual({
    code: 4,
    stdout: '',
    stderr: `error TM4020: schema.sql does not exist
help: write it again and commit it: tidemark snapshot --out schema.sql
`,
  })
  await run(['snapshot', '--out', 'schema.sql'])
  const before = await readFile(join(folder, 'schema.sql'), 'utf8')
  await write(
    'migrations/002_name.sql',
    '-- Depends on: [001_users]\n-- @up\nALTER TABLE users ADD name text;\n',
  )
  expect(await run(check)).toEqual({
    code: 4,
    stdout: '',
    stderr: `error TM4020: schema.sql is not what the migrations make
…

  CREATE TABLE public.users (
-     id integer
+     id integer,
+     name text
  );

help: write it again and commit it: tidemark snapshot --out schema.sql
`,
  })
  expect(await readFile(join(folder, 'schema.sql'), 'utf8')).toBe(before)

  await write('schema.sql', before.replace('-- PostgreSQL 18', '-- PostgreSQL 15'))
  expect(await run(check)).toEqual({
    code: 6,
    stdout: '',
    stderr: `error TM5052: schema.sql is of PostgreSQL 15, and this shadow is PostgreSQL 18: they cannot be compared
help: use a shadow of PostgreSQL 15, or write the file again: tidemark snapshot --out schema.sql
`,
  })
})

test('--check without a file is refused', async () => {
  const { run } = await openProject(SHOP)
  expect(await run(['snapshot', '--check'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7008: there is no snapshot to check: no file is named
help: name it with --out FILE, or as \`snapshot\` in the configuration
`,
  })
})

test('what the shadow could not run is named, with exit code 6, and nothing is written', async () => {
  const { run } = await openProject({
    'migrations/001_a.sql': '-- @up\nCREATE EXTENSION timescaledb;\n',
    'migrations/002_b.sql': '-- Depends on: [001_a]\n-- @up\nSELECT 1;\n',
  })
  const { code, stdout, stderr } = await run(['snapshot', '--out', 'schema.sql'])
  expect({ code, stdout, stderr }).toEqual({
    code: 6,
    stdout: '',
    stderr: `error TM5052: "001_a" needs the extension "timescaledb", which this shadow does not have

error TM5052: "002_b" depends on "001_a", which was not checked

2 errors
`,
  })
})

test('a migration that fails is shown as by up', async () => {
  const { run } = await openProject({ 'migrations/001_a.sql': '-- @up\nCREAT TABLE a (id int);\n' })
  const { code, stderr } = await run(['snapshot'])
  expect(code).toBe(1)
  expect(stderr).toContain('migrations/001_a.sql:2:1')
  expect(stderr).toContain('syntax error at or near "CREAT"')
})

test('up refreshes a configured snapshot in development, and nowhere else', async () => {
  const project = await openProject(
    { ...SHOP, 'tidemark.config.json': '{ "snapshot": "db/schema.sql" }' },
    'embedded',
  )
  const { run, folder } = project
  const inCi = await run(['up', '--steps', '1'], { env: { CI: '1' } })
  expect(inCi.stderr).not.toContain('schema.sql')
  const { stderr, code } = await run(['up'], { env: { CI: '', NODE_ENV: '' } })
  expect(code).toBe(0)
  expect(stderr).toContain('db/schema.sql is refreshed\n')
  expect(await readFile(join(folder, 'db/schema.sql'), 'utf8')).toContain('CREATE TABLE public.posts (')
  expect((await run(['snapshot', '--check'])).code).toBe(0)
})
