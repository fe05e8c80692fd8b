import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

test('wait exits 3 at the limit, names what is pending, and writes nothing', async () => {
  const { run, server } = await openProject(SHOP, 'server')
  const { stdout, ...rest } = await run(['wait', '--timeout', '3s'])
  expect({ stdout: stdout.replace(/after \S+ m?s/, 'after <time>'), ...rest }).toEqual({
    code: 3,
    stdout:
      'tidemark  <database>  ✗ not current after <time>: 3 pending: 001_users, 002_posts, 003_posts_author\n',
    stderr: 'waiting: 3 pending: 001_users, 002_posts, 003_posts_author\n',
  })
  expect(await server?.query("SELECT relname FROM pg_class WHERE relname ~ 'migration'")).toEqual([])
  await run(['up'])
  expect((await run(['wait'])).stdout).toMatch(/^tidemark {2}<database> {2}✓ current after \S+( m?s)?\n$/)
})

test('wait outlasts a database that is not there yet, and goes on when another run has applied all', async () => {
  const project = await openProject(SHOP)
  const missing = await createTestDatabase()
  await missing.drop()
  const target = ['--database-url', missing.url]
  const child = spawn(process.execPath, [ENTRY, 'wait', '--timeout', '10min', ...target], {
    cwd: project.folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let result = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('does not exist')) resolve()
    })
  })
  expect((await project.run(['up', '--create-db', ...target])).code).toBe(0)
  expect(await ended).toBe(0)
  expect(result).toContain('✓ current after')
  await missing.drop()
})

test('wait judges like a gate: what is not blocking is waited for with --no-blocking alone', async () => {
  const { run, write } = await openProject(SHOP, 'server')
  await run(['up'])
  await write('migrations/004_backfill.sql', '-- Blocking: false\n-- @up\nSELECT 1;\n')
  expect((await run(['wait'])).code).toBe(0)
  const { code, stdout } = await run(['wait', '--no-blocking', '--timeout', '2s', '--json'])
  expect(code).toBe(3)
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'timed_out',
    pending: ['004_backfill'],
    failed: [],
    unreachable: null,
  })
})

test('wait names failed migrations, and those that need them', async () => {
  const { run } = await openProject({ 'migrations/001_a.sql': '-- @up\nSELECT 1 / 0;\n' }, 'server')
  await run(['up'])
  expect((await run(['wait', '--timeout', '2s'])).stdout).toContain('1 pending: 001_a (failed)')
})

test('an applied file that has changed ends waiting at once, with 4 also where something is pending', async () => {
  const { run, write } = await openProject(SHOP, 'server')
  await run(['up', '--steps', '1'])
  await write('migrations/001_users.sql', '-- @up\nCREATE TABLE users (id bigint PRIMARY KEY);\n')
  expect(await run(['wait', '--schema', 'public'])).toEqual({
    code: 4,
    stdout: 'tidemark  <database>  ✗ 1 difference that refuses a run\n',
    stderr: `migrations/001_users.sql:2:1 error TM4001: "001_users" has changed since it was applied: @up, @down, header
2 | CREATE TABLE users (id bigint PRIMARY KEY);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
- CREATE TABLE users (id int PRIMARY KEY);
+ CREATE TABLE users (id bigint PRIMARY KEY);
help: restore the file and put the change into a new migration; if the database already matches the file: tidemark repair 001_users --adopt --schema public

`,
  })
  const { code, stdout } = await run(['wait', '--json'])
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 4,
    outcome: 'drifted',
    pending: [],
    findings: [{ code: 'TM4001', severity: 'error' }],
  })
})

test('a change that only warns, and a database that is ahead, are no reason to wait', async () => {
  const { run, write, folder } = await openProject(SHOP, 'server')
  await run(['up'])
  await write('migrations/001_users.sql', `-- A comment.\n${SHOP['migrations/001_users.sql']}`)
  await rm(join(folder, 'migrations/003_posts_author.sql'))
  expect(await run(['wait'])).toMatchObject({ code: 0, stderr: '' })
})

test('what waiting does not change ends it at once', async () => {
  const { run, write } = await openProject(SHOP)
  expect(await run(['wait'])).toMatchObject({ code: 2, stderr: expect.stringContaining('TM7001') })
  expect(await run(['wait', '--timeout', 'soon', '--database-url', 'pglite:memory'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7008: --timeout "soon" is not a valid duration
help: write a number with a unit, such as \`90s\`, \`5min\` or \`500ms\`, or \`0\`
`,
  })
  await write('migrations/004_x.sql', 'SELECT 1;\n')
  const wrong = await run(['wait', '--database-url', 'postgres://ada@127.0.0.1:1/x'])
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('TM1001') })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends waiting with %i', async (signal, code) => {
  const { run } = await openProject(SHOP)
  const outcome = await run(['wait', '--database-url', 'postgres://ada@127.0.0.1:1/x'], {
    signalAt: { text: 'waiting', signal },
  })
  expect(outcome).toMatchObject({
    code,
    stderr: expect.stringContaining('TM5008: interrupted while waiting'),
  })
})
