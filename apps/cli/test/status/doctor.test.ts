import { randomBytes } from 'node:crypto'
import { pgBouncerMissing, startPgBouncer, startServer, startStandby } from '@tidemark/test-servers'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DoctorSchema } from '../../src/schema/setup-schemas.ts'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

async function doctor(project: Project, args: readonly string[] = []) {
  const { code, stdout, stderr } = await project.run(['doctor', '--json', ...args])
  expect(stderr).toBe('')
  return { code, report: DoctorSchema.parse(JSON.parse(stdout)) }
}

/** The checks that are not `ok`, each as one line. */
function complaints({ report }: Awaited<ReturnType<typeof doctor>>): readonly string[] {
  return report.checks
    .filter(({ state }) => state !== 'ok')
    .map(({ area, state, message, help, code }) => `${area} ${state} ${code ?? '-'}: ${message} | ${help}`)
}

/** A role that only this test knows; its URL leads to the project's database. */
async function createRole(project: Project, name: string, attributes = 'LOGIN') {
  const role = `${name}_${randomBytes(3).toString('hex')}`
  await project.server?.query(`CREATE ROLE ${role} ${attributes} PASSWORD 'secret'`)
  onTestFinished(async () => {
    await project.server?.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)
  })
  const url = Object.assign(new URL(project.database), { username: role, password: 'secret' }).href
  return { role, url }
}

test('a sound database: every area in words, every setting with its source', async () => {
  const project = await openProject(
    {
      ...SHOP,
      'tidemark.config.json': '{ "lockTimeout": "7s", "environments": { "ci": { "lockWait": "1min" } } }\n',
    },
    'server',
  )
  await project.run(['up'])
  const { code, stdout } = await project.run(['doctor', '--env', 'ci'], {
    env: { TIDEMARK_LOG_LEVEL: 'silent', COLUMNS: '200' },
  })
  expect(code).toBe(0)
  // Columns are as wide as this machine's paths and ports.
  const settled = stdout.replace(/PostgreSQL \S+/, 'PostgreSQL N').replaceAll(/(?<=\S) {2,}/g, '  ')
  expect(settled).toMatchInlineSnapshot(`
    "tidemark doctor  <database>

     ✓ configuration <folder>/tidemark.config.json, environment "ci"
     ✓ files  3 migrations, no problem
     ✓ connection  connected, with this user and password
     ✓ encryption  none, within this machine
     ✓ server  PostgreSQL N
     ✓ pooler  none: a direct connection
     ✓ lock  free: no run in progress
     ✓ role  "postgres", a superuser
     ✓ tables  in schema "public", owned by "postgres"
     ✓ exposure  closed to PUBLIC and API keys; no row level security, since no roles of API keys exist

    Settings
     database  <database>  TIDEMARK_DATABASE_URL
     directUrl  (none)  default
     migrations  <folder>/migrations  default
     schema  public  default
     searchPath  (none)  default
     createSchema  false  default
     lockTimeout  7s  tidemark.config.json
     lockRetries  10  default
     lockWait  1min  environment "ci"
     statementTimeout  0  default
     batchTime  500ms  default
     maxLag  10s  default
     connectTimeout  10s  default
     readers  (none)  default
     rowSecurity  auto  default
     trackDrift  false  default
     protected  false  default
     commits  each  default
     backup  never  default
     exposedSchemas  (none)  default
     snapshot  (none)  default
     shadow  pglite  default
     shadowDisposable  false  default
     hookTimeout  1min  default
     logFile  (none)  default
     logLevel  silent  TIDEMARK_LOG_LEVEL

    no problem found
    "
  `)
})

test('no database, files with an error, a wrong password: the exit code is that of the first problem', async () => {
  const nowhere = await openProject(SHOP)
  const unnamed = await doctor(nowhere)
  expect(unnamed.code).toBe(2)
  expect(unnamed.report).toMatchObject({ healthy: false, target: null })
  expect(complaints(unnamed)).toEqual([
    'connection problem TM7001: no database is named | name one with `--database-url`, `TIDEMARK_DATABASE_URL` or the key `database`',
  ])

  const project = await openProject(
    { 'migrations/001_a.sql': '-- Depends on: [nothing]\n-- @up\nSELECT 1;\n' },
    'server',
  )
  const broken = await doctor(project)
  expect(broken.code).toBe(2)
  expect(complaints(broken)[0]).toBe('files problem TM2002: 1 error in 1 file | see `tidemark validate`')

  const url = Object.assign(new URL(project.database), { password: 'not the password' }).href
  const wrong = await doctor(await openProject(SHOP), ['--database-url', url])
  expect(wrong.code).toBe(1)
  expect(complaints(wrong)).toEqual([
    expect.stringMatching(
      /^connection problem TM5001: cannot connect to postgres@127\.0\.0\.1:\d+\/\w+: password authentication failed for user "postgres" \| /,
    ),
  ])
  expect(JSON.stringify(wrong)).not.toContain('not the')
})

test('an embedded database', async () => {
  const { code, report } = await doctor(await openProject(SHOP, 'embedded'))
  expect(code).toBe(0)
  expect(report.checks.map(({ area, message }) => `${area}: ${message.replace(/\d+\.\d+/, 'N')}`)).toEqual([
    'configuration: no configuration file',
    'files: 3 migrations, no problem',
    'connection: the embedded database opens: pglite:<folder>/data',
    'server: PostgreSQL N, one process at a time',
  ])
})

describe('privileges', () => {
  test('a role that may not create the tables, and roles of files that it may not become', async () => {
    const project = await openProject(SHOP, 'server')
    const { role, url } = await createRole(project, 'weak')
    const { role: owner } = await createRole(project, 'owner', 'NOLOGIN')
    await project.write('migrations/004_a.sql', `-- Role: ${owner}\n-- @up\nSELECT 1;\n`)
    await project.write('migrations/005_b.sql', '-- Role: nobody_at_all\n-- @up\nSELECT 1;\n')
    const found = await doctor(project, ['--database-url', url])
    expect(found.code).toBe(1)
    expect(complaints(found)).toEqual([
      'role problem -: files say "Role: nobody_at_all", which does not exist here | CREATE ROLE "nobody_at_all"',
      `role problem -: files say "Role: ${owner}", which "${role}" may not become | GRANT "${owner}" TO "${role}"`,
      `tables problem TM3005: none in schema "public" yet, and "${role}" may not create them | as the owner of the schema or a superuser: GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}"`,
    ])
    expect(complaints(await doctor(project, ['--database-url', url, '--schema', 'Tide mark'])).at(-1)).toBe(
      `tables problem TM3005: none in schema "Tide mark" yet, and "${role}" may not create them | as the owner of the database or a superuser: CREATE SCHEMA "Tide mark" AUTHORIZATION "${role}"`,
    )
  })

  test('a reader may read, not migrate; a stranger may do neither', async () => {
    const project = await openProject(SHOP, 'server')
    const reader = await createRole(project, 'reader')
    const stranger = await createRole(project, 'stranger')
    const env = { TIDEMARK_READERS: reader.role }
    expect((await project.run(['up'], { env })).code).toBe(0)
    const reading = await doctor(project, ['--database-url', reader.url])
    expect(reading.code).toBe(0)
    expect(complaints(reading)).toEqual([
      expect.stringMatching(
        /^tables warning TM3005: the tracking tables in schema "public" refuse this role: "\w+" belongs to "postgres", and this role has no privilege to write it \| connect as the owner/,
      ),
    ])
    const refused = await doctor(project, ['--database-url', stranger.url])
    expect(refused.code).toBe(2)
    expect(complaints(refused)).toEqual([
      expect.stringMatching(
        /^tables problem TM3005: the tracking tables in schema "public" refuse this role: permission denied/,
      ),
    ])
  })

  test('tables that are open, without row security, without their policy; a reader that is missing', async () => {
    const project = await openProject(SHOP, 'server')
    await project.write('tidemark.config.json', '{ "rowSecurity": "always" }\n')
    await project.run(['up'])
    await project.server?.query(
      `GRANT SELECT, DELETE ON schema_migrations TO PUBLIC; ALTER TABLE migration_history DISABLE ROW LEVEL SECURITY;
       DROP POLICY tidemark_read ON database_schema`,
    )
    await project.write('tidemark.config.json', '{ "rowSecurity": "always", "readers": ["nobody_at_all"] }\n')
    const found = await doctor(project)
    expect(found.code).toBe(2)
    expect(complaints(found)).toEqual([
      'exposure warning -: open: schema_migrations to public (DELETE, SELECT) | the next run fixes it',
      'exposure warning -: no row level security: migration_history | the next run fixes it',
      'exposure warning -: no policy that shows rows to readers: database_schema | the next run fixes it',
      'readers problem TM3007: "nobody_at_all" does not exist | create the role, or remove it from "readers"',
    ])
    await project.write('tidemark.config.json', '{ "rowSecurity": "always" }\n')
    expect((await project.run(['up'])).code).toBe(0)
    const dumps = 'pg_dump by a role without BYPASSRLS fails on these tables'
    expect((await project.run(['doctor'])).stdout.replaceAll(/\s+/g, ' ')).toContain(dumps)
    expect(complaints(await doctor(project))).toEqual([])
    await project.write('tidemark.config.json', '{}\n')
    expect(complaints(await doctor(project))).toEqual([
      expect.stringContaining(
        'exposure warning -: row level security that is not wanted, since no roles of API keys exist: ',
      ),
    ])
    const { stderr } = await project.run(['up'])
    expect(stderr).toBe(
      'note: row level security on the tracking tables was turned off: no roles of API keys exist here\nhelp: with it pg_dump by a role without BYPASSRLS fails; to keep it, set rowSecurity to "always"\n',
    )
    expect(complaints(await doctor(project))).toEqual([])
  })

  test("another tool's table", async () => {
    const project = await openProject(SHOP, 'server')
    await project.server?.query('CREATE TABLE schema_migrations (version varchar PRIMARY KEY)')
    const found = await doctor(project)
    expect(found.code).toBe(2)
    expect(complaints(found)).toEqual([
      'tables problem TM3001: "public"."schema_migrations" belongs to Rails or dbmate: its columns are version | keep its table and use another schema for Tidemark (--schema tidemark); "tidemark import --adopt" does that and adopts its history',
    ])
  })
})

test('the holder of the run lock is named, and doctor does not wait', async () => {
  const project = await openProject(
    { 'migrations/001_slow.sql': '-- @up\nSELECT pg_sleep(600);\n' },
    'server',
  )
  const run = project.run(['up'])
  const sleeping = () =>
    project.server?.query(
      "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()",
    )
  while (((await sleeping()) ?? []).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const found = complaints(await doctor(project))
  await project.server?.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND datname = current_database()",
  )
  await run
  expect(found).toEqual([
    expect.stringMatching(
      /^lock note -: held by tidemark \S+( 001_slow)?, pid \d+ since \S+Z \| a run would wait for it; to end it: SELECT pg_terminate_backend\(\d+\);$/,
    ),
  ])
})

test('a standby: reading works, migrating is for the primary', async () => {
  const primary = await startServer()
  onTestFinished(() => primary.remove())
  const standby = await startStandby(primary)
  onTestFinished(() => standby.remove())
  const project = await openProject(SHOP)
  await project.run(['up', '--database-url', primary.url()])
  const streamed = async () => (await project.run(['status', '--database-url', standby.url()])).code === 0
  while (!(await streamed())) await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await project.run(['history', '--database-url', standby.url()])).code).toBe(0)
  expect((await project.run(['plan', '--database-url', standby.url()])).code).toBe(0)
  expect(complaints(await doctor(project, ['--database-url', standby.url()]))).toEqual([
    'tables warning TM5013: this server is a replica and read-only | migrate on the primary: set directUrl to its URL; reading works here',
  ])
})

describe.skipIf(pgBouncerMissing !== undefined)('PgBouncer', () => {
  test.each([
    [
      'transaction',
      2,
      [
        /^pooler problem TM5002: a transaction pooler: the run lock and session settings do not work through it \| set directUrl/,
      ],
    ],
    ['session', 0, []],
  ] as const)('in %s mode', async (mode, code, expected) => {
    const project = await openProject(SHOP, 'server')
    await project.run(['up'])
    const pool = await startPgBouncer({ server: project.database, mode })
    onTestFinished(() => pool.remove())
    const found = await doctor(project, ['--database-url', pool.url(project.database)])
    expect(found.code).toBe(code)
    expect(complaints(found)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
  })
})
