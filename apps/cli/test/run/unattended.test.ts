import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const SLOW = {
  'migrations/001_slow.sql': "-- @up\nDO $$ BEGIN RAISE NOTICE 'started'; END $$;\nSELECT pg_sleep(600);\n",
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s rolls back what runs and exits %i', async (signal, code) => {
  const { run } = await openProject(SLOW, 'server')
  const outcome = await run(['up', '--verbose'], { signalAt: { text: 'statement 1 of 2', signal } })
  expect(outcome.code).toBe(code)
  expect(outcome.stderr.match(/TM5008/g)).toHaveLength(1)
  expect(outcome.stderr).toMatch(
    / ✗ 001_slow <time>\n {3}ERROR interrupted during "001_slow" {2}\(TM5008\)\n/,
  )
  expect((await run(['status'])).stdout).toMatch(/001_slow {2}(failed|unfinished)? ?\(?pending/)
})

test('a protected database is not destroyed without --yes', async () => {
  const { run, write } = await openProject(SHOP, 'server')
  await run(['up'])
  await write('tidemark.config.json', '{ "protected": true }')
  await write('migrations/004_drop.sql', '-- Depends on: [003_posts_author]\n-- @up\nDROP TABLE posts;\n')
  expect(await run(['up'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7013: the database is protected, and 1 statement of the plan destroys data or objects
help: look at \`tidemark plan\`, then run \`tidemark up --yes\`
`,
  })
  expect((await run(['up', '--yes'])).stdout).toContain('✓ 1 migration applied')
})

test('a log file gets one JSON line an event, appended, without the password', async () => {
  const { run, folder } = await openProject(SHOP)
  const database = await createTestDatabase()
  const url = new URL(database.url)
  const role = `logger_${database.name}`
  const password = 'p@ss/word:1?%'
  await database.query(`CREATE ROLE "${role}" LOGIN SUPERUSER PASSWORD '${password}'`)
  url.username = role
  url.password = encodeURIComponent(password)
  for (const args of [['up', '--steps', '1'], ['up']]) {
    const { code, stdout, stderr } = await run([
      ...args,
      '--log-file',
      'logs/migration.log',
      '--database-url',
      url.href,
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('applied')
  }
  const lines = (await readFile(join(folder, 'logs/migration.log'), 'utf8')).trimEnd().split('\n')
  const messages = lines.map((line) => JSON.parse(line).msg)
  expect(messages.filter((message) => message === 'connected')).toHaveLength(2)
  expect(messages.filter((message) => message === 'done')).toHaveLength(3)
  expect(lines.join('\n')).not.toContain('p@ss')
  expect(lines.join('\n')).not.toContain(encodeURIComponent(password))
  await database.query(`REASSIGN OWNED BY "${role}" TO CURRENT_USER`)
  await database.query(`DROP OWNED BY "${role}"`)
  await database.query(`DROP ROLE "${role}"`)
  await database.drop()
})

test('every command leaves its start and its end in the log file, also one that reads, and one that fails before it connects', async () => {
  const { run, folder } = await openProject(SHOP, 'server')
  const log = ['--log-file', 'tidemark.log']
  const wrong = ['--database-url', 'postgres://ada:hush@127.0.0.1:1/x']
  expect((await run(['status', ...log])).code).toBe(3)
  expect((await run(['validate', ...log])).code).toBe(0)
  expect((await run(['up', ...log, ...wrong])).code).toBe(1)
  expect((await run(['plan', '--json', ...log])).stderr).toBe('')
  const text = await readFile(join(folder, 'tidemark.log'), 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(
    lines.map(({ level, command, exitCode, code, msg }) => ({ level, command, exitCode, code, msg })),
  ).toEqual([
    { level: 'info', command: 'status', msg: 'command started' },
    { level: 'info', command: 'status', exitCode: 3, msg: 'command ended' },
    { level: 'info', command: 'validate', msg: 'command started' },
    { level: 'info', command: 'validate', exitCode: 0, msg: 'command ended' },
    { level: 'info', command: 'up', msg: 'command started' },
    { level: 'error', command: 'up', code: 'TM5001', msg: expect.stringContaining('127.0.0.1:1') },
    { level: 'info', command: 'up', exitCode: 1, msg: 'command ended' },
    { level: 'info', command: 'plan', msg: 'command started' },
    { level: 'info', command: 'plan', exitCode: 0, msg: 'command ended' },
  ])
  expect(text).not.toContain('hush')
  const logged = await run(['status', '--log-level', 'info'])
  expect(logged.stderr.split('\n').map((line) => line.match(/"msg":"(.*?)"/)?.[1])).toEqual([
    'command started',
    'command ended',
    undefined,
  ])
})

test('a reader that leaves early is no failure', async () => {
  const { folder } = await openProject(SHOP)
  const child = spawn(process.execPath, [ENTRY, 'show', '001'], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test.skipIf(!existsSync('/dev/full'))(
  'output that has no room ends no run, and is reported at the end',
  async () => {
    const { folder, database, run } = await openProject(SHOP, 'server')
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [ENTRY, 'up'], {
      cwd: folder,
      env: { ...plainEnvironment(), TIDEMARK_DATABASE_URL: database },
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `warning TM7012: the output cannot be written: ENOSPC: no space left on device
help: free some space; what was applied stays applied, see \`tidemark status\`
`,
    })
    expect((await run(['status'])).stdout).toContain('3 applied, 0 pending')
  },
)

test('colour is off without a terminal, on with FORCE_COLOR, and off again with NO_COLOR', async () => {
  const { run } = await openProject(SHOP)
  const green = '\u001b[32m✓\u001b[39m'
  expect((await run(['validate'])).stdout).not.toContain('\u001b')
  expect((await run(['validate'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(green)
  expect((await run(['validate'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain(
    '\u001b',
  )
})

test('two runners at once: each migration is applied once, and both exit 0', async () => {
  const { run } = await openProject(SHOP, 'server')
  const outcomes = await Promise.all([run(['up', '--json']), run(['up', '--json']), run(['up', '--json'])])
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0])
  const done = outcomes.flatMap(({ stdout }) =>
    JSON.parse(stdout).done.map((step: { id: string }) => step.id),
  )
  expect(done.sort()).toEqual(['001_users', '002_posts', '003_posts_author'])
})

test('a held lock ends the wait with exit 5, naming the holder', async () => {
  const { run, server } = await openProject(SLOW, 'server')
  const first = run(['up'])
  const sleeping =
    "FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600);' AND datname = current_database()"
  for (let rows: unknown[] = []; rows.length === 0; )
    rows = (await server?.query(`SELECT pid ${sleeping}`)) ?? []
  const second = await run(['up', '--lock-wait', '500ms'])
  expect(second.code).toBe(5)
  expect(second.stderr).toMatch(/error TM5003: .*pid \d+/)
  await server?.query(`SELECT pg_terminate_backend(pid) ${sleeping}`)
  expect((await first).code).toBe(1)
})

test('status shows a run in progress, and takes no lock itself', async () => {
  const { run, server } = await openProject(SLOW, 'server')
  const first = run(['up'])
  const sleeping = 'pg_stat_activity WHERE query = $1 AND datname = current_database()'
  const find = async () => server?.query(`SELECT pid FROM ${sleeping}`, ['SELECT pg_sleep(600);'])
  while ((await find())?.length === 0);
  const { code, stdout, stderr } = await run(['status'])
  expect({
    code,
    stderr,
    stdout: stdout.replace(/pid \d+/, 'pid 1').replace(/ \S+\/\d+/, ' host/1'),
  }).toEqual({
    code: 3,
    stderr: '',
    stdout: `tidemark  <database>  1 migration

 ·  001_slow  pending

… a run is under way: pid 1, tidemark host/1 001_slow, role postgres, since ${stdout.match(/since (\S+)/)?.[1]} running SELECT pg_sleep(600);
0 applied, 1 pending; head: 001_slow
`,
  })
  const { runner } = JSON.parse((await run(['status', '--json'])).stdout)
  expect(runner).toMatchObject({ user: 'postgres', statement: 'SELECT pg_sleep(600);' })
  expect(new Date(runner.since).getTime()).toBeLessThanOrEqual(Date.now())
  await server?.query(`SELECT pg_terminate_backend(pid) FROM ${sleeping}`, ['SELECT pg_sleep(600);'])
  await first
  expect(JSON.parse((await run(['status', '--json'])).stdout).runner).toBe(null)
})

test('a flag that was given with = is repeated once in the command to run', async () => {
  const { run } = await openProject(SHOP, 'server')
  await run(['up'])
  expect((await run(['down', '--schema=public', '--dir=migrations'])).stderr).toContain(
    'run `tidemark down --schema public --dir migrations --yes',
  )
  const { stderr } = await run(['down', '--schema=public'])
  expect(stderr.match(/--schema/g)).toHaveLength(1)
})
