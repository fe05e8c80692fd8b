import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createTestDatabase, sharedServerUrl, type TestDatabase } from '@tidemark/test-servers'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

/** The shared server through a role of the test's own. */
let admin: TestDatabase
let role: string
let url: string

beforeAll(buildWhenStale)
beforeEach(async () => {
  admin = await createTestDatabase()
  role = `shadow_${admin.name}`
  await admin.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret'`)
  const address = new URL(sharedServerUrl())
  address.username = role
  address.password = 'secret'
  url = address.href
})
afterEach(async () => {
  for (const name of await listDatabases()) await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
  await admin.query(`DROP ROLE ${role}`)
  await admin.drop()
})

async function listDatabases(): Promise<readonly string[]> {
  const rows = await admin.query<{ name: string }>(
    `SELECT datname::text AS name FROM pg_database WHERE datdba = '${role}'::regrole ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

const KEPT = expect.stringMatching(/^tidemark_prefix_/)

/** Twelve tables, so that a shadow of them is kept. */
const FILES = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => {
    const before = index === 0 ? '' : `t${String(index).padStart(2, '0')}`
    const name = `t${String(index + 1).padStart(2, '0')}`
    const text = `-- Depends on: [${before}]\n-- @up\nCREATE TABLE ${name} (id int PRIMARY KEY);\n`
    return [`migrations/${name}.sql`, text] as const
  }),
)

const onServer = () => ({ 'tidemark.config.json': JSON.stringify({ shadow: url }) })

/** Starts `tidemark snapshot`, which the test kills. */
function startSnapshot({ folder }: Project): ChildProcess {
  const args = [ENTRY, 'snapshot', '--out', 'schema.sql']
  return spawn(process.execPath, args, { cwd: folder, env: plainEnvironment(), stdio: 'ignore' })
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Waits until a migration runs `pg_sleep`. */
async function untilAsleep(): Promise<void> {
  await until(async () => {
    const rows = await admin.query(
      `SELECT FROM pg_stat_activity WHERE usename = '${role}' AND wait_event = 'PgSleep'`,
    )
    return rows[0]
  })
}

/** Asks until something is there. */
async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    await setTimeout(5)
  }
}

test('a process killed while a migration runs on a server leaves a database that the next one drops', async () => {
  const project = await openProject({ ...FILES, ...onServer() })
  await project.write('migrations/t13.sql', '-- Depends on: [t12]\n-- @up\nSELECT pg_sleep(3600);\n')
  const child = startSnapshot(project)
  await untilAsleep()
  await kill(child)
  expect(await listDatabases()).toEqual([expect.stringMatching(/^tidemark_shadow_/)])

  await project.write('migrations/t13.sql', '-- Depends on: [t12]\n-- @up\nCREATE TABLE t13 (id int);\n')
  expect((await project.run(['snapshot', '--out', 'schema.sql'])).code).toBe(0)
  expect(await listDatabases()).toEqual([KEPT])
})

test('a process killed while it keeps a database leaves nothing that is used, and the next one keeps it', async () => {
  const project = await openProject({ ...FILES, ...onServer() })
  const child = startSnapshot(project)
  // The second database is the draft of what is kept.
  await until(async () => ((await listDatabases()).length > 1 ? true : undefined))
  await kill(child)

  for (let time = 0; time < 2; time += 1)
    expect((await project.run(['snapshot', '--out', 'schema.sql'])).code).toBe(0)
  expect(await listDatabases()).toEqual([KEPT])
})

test('a process killed while it writes its cache leaves a file that the next one removes', async () => {
  const project = await openProject(FILES)
  const cache = join(project.folder, '.tidemark/shadow/pglite')
  const list = () => (existsSync(cache) ? readdirSync(cache) : [])
  const child = startSnapshot(project)
  await until(() => list().find((name) => name.startsWith('draft_')))
  await kill(child)

  expect((await project.run(['snapshot', '--out', 'schema.sql'])).code).toBe(0)
  expect(list().filter((name) => name.startsWith('draft_'))).toEqual([])
  expect(list()).toHaveLength(2)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tidemark_shadow_'))).toEqual([])
})

test.each([
  ['PGlite', () => ({})],
  ['a server', onServer],
] as const)(
  'two processes at once on %s get the same, with an empty cache and a full one',
  async (_, config) => {
    const project = await openProject({ ...FILES, ...config() })
    for (let time = 0; time < 2; time += 1) {
      const [first, second] = await Promise.all([project.run(['snapshot']), project.run(['snapshot'])])
      expect(first).toMatchObject({ code: 0, stderr: '' })
      expect(second).toEqual(first)
    }
    expect((await listDatabases()).filter((name) => !name.startsWith('tidemark_prefix_'))).toEqual([])
  },
)

test('a role that a killed process made on a server for shadows alone is in the way of nothing', async () => {
  const name = `made_${admin.name}`
  const project = await openProject({
    'migrations/t01.sql': `-- @up\nCREATE ROLE ${name};\n`,
    'migrations/t02.sql': '-- Depends on: [t01]\n-- @up\nSELECT pg_sleep(3600);\n',
    'tidemark.config.json': JSON.stringify({ shadow: url, shadowDisposable: true }),
  })
  await admin.query(`ALTER ROLE ${role} CREATEROLE`)
  const child = startSnapshot(project)
  await untilAsleep()
  await kill(child)
  const find = () => admin.query(`SELECT FROM pg_roles WHERE rolname = '${name}'`)
  expect(await find()).toHaveLength(1)

  await project.write('migrations/t02.sql', '-- Depends on: [t01]\n-- @up\nSELECT 1;\n')
  expect(await project.run(['snapshot', '--out', 'schema.sql'])).toMatchObject({ code: 0, stderr: '' })
  expect(await find()).toEqual([])
})

test('two processes at once take turns on a server for shadows alone: both make the same role', async () => {
  const name = `made_${admin.name}`
  const project = await openProject({
    ...FILES,
    'migrations/t13.sql': `-- Depends on: [t12]\n-- @up\nCREATE ROLE ${name}; GRANT SELECT ON t12 TO ${name};\n`,
    'tidemark.config.json': JSON.stringify({ shadow: url, shadowDisposable: true }),
  })
  await admin.query(`ALTER ROLE ${role} CREATEROLE`)
  const outcomes = await Promise.all([project.run(['snapshot']), project.run(['snapshot'])])
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
})
