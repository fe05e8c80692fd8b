import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ReportDocumentSchema } from '@tidemark/report'
import { createTestDatabase, findFreePort } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  FleetEventSchema,
  FleetHistorySchema,
  FleetPlanSchema,
  FleetRolloutSchema,
  FleetStatusSchema,
} from '../../src/schema/fleet-schemas.ts'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

/** A project whose fleet is schemas of one database, and targets that cannot be reached. */
async function openFleetProject(
  schemas: readonly string[],
  fleet: Readonly<Record<string, unknown>> = {},
  others: readonly object[] = [],
): Promise<{ readonly project: Project; readonly query: (sql: string) => Promise<readonly object[]> }> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  for (const schema of schemas) await database.query(`CREATE SCHEMA ${schema}`)
  const targets = schemas.map((name) => ({ name, database: database.url, schema: name, tags: ['eu'] }))
  const project = await openProject({
    ...SHOP,
    'tidemark.config.json': JSON.stringify({ fleet: { targets: [...targets, ...others], ...fleet } }),
  })
  return { project, query: (sql) => database.query(sql) }
}

/** Times and ids of runs, which differ from run to run. */
function plain(text: string): string {
  return text
    .replace(/ +\d+ ms| +\d+\.\d s/g, ' <time>')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, '<moment>')
}

test('from nothing to current, and back: status, plan, up, history, down', async () => {
  const { project, query } = await openFleetProject(['acme', 'zen'])
  const before = await project.run(['fleet', 'status'])
  expect(before).toEqual({
    code: 3,
    stderr: '',
    stdout: 'fleet  2 targets: 2 pending\n\n  (nothing applied)  2  3 pending  acme, zen\n',
  })
  const plan = await project.run(['fleet', 'plan', '--json'])
  expect(FleetPlanSchema.parse(JSON.parse(plan.stdout)).groups).toMatchObject([
    {
      kind: 'steps',
      targets: ['acme', 'zen'],
      steps: [{ id: '001_users' }, { id: '002_posts' }, { id: '003_posts_author' }],
    },
  ])
  const up = await project.run(['fleet', 'up', '--reason', 'release 7'])
  expect([up.code, plain(up.stdout)]).toEqual([0, 'fleet  2 targets: 2 migrated <time>  rollout <id>\n'])
  expect(plain(up.stderr).split('\n').sort()).toEqual([
    '',
    ' ✓ acme  3 migrations <time>',
    ' ✓ zen  3 migrations <time>',
  ])
  expect(await query("SELECT schemaname FROM pg_tables WHERE tablename = 'posts' ORDER BY 1")).toEqual([
    { schemaname: 'acme' },
    { schemaname: 'zen' },
  ])
  expect((await project.run(['fleet', 'status'])).code).toBe(0)
  expect((await project.run(['fleet', 'status', '--csv'])).stdout).toBe(
    'name,state,version,pending,error\r\nacme,current,003_posts_author,0,\r\nzen,current,003_posts_author,0,\r\n',
  )
  const again = FleetRolloutSchema.parse(JSON.parse((await project.run(['fleet', 'up', '--json'])).stdout))
  expect(again.counts).toEqual({ done: 0, current: 2, failed: 0, interrupted: 0, notBegun: 0 })
  const refused = await project.run(['fleet', 'down'])
  expect(refused.stderr).toContain('roll back 003_posts_author')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('TM7010')])
  const down = await project.run(['fleet', 'down', '--steps', '2', '--yes', '--json', '--only', 'zen'])
  expect(FleetRolloutSchema.parse(JSON.parse(down.stdout)).targets).toMatchObject([
    { name: 'zen', outcome: 'done', done: ['003_posts_author', '002_posts'] },
  ])
  const status = FleetStatusSchema.parse(
    JSON.parse((await project.run(['fleet', 'status', '--json'])).stdout),
  )
  expect(status.versions.map(({ version, state, targets }) => [version, state, targets])).toEqual([
    ['003_posts_author', 'current', ['acme']],
    ['001_users', 'pending', ['zen']],
  ])
  const history = FleetHistorySchema.parse(
    JSON.parse((await project.run(['fleet', 'history', '--json'])).stdout),
  )
  expect(history.rollouts.map(({ migrations }) => migrations)).toEqual([
    ['003_posts_author', '002_posts'],
    ['001_users', '002_posts', '003_posts_author'],
  ])
  expect(history.rollouts.map(({ direction, targets, reason }) => [direction, targets, reason])).toEqual([
    ['down', ['zen'], null],
    ['up', ['acme', 'zen'], 'release 7'],
  ])
})

test('a target that fails is in the list with its help, no secret is shown, and the exit code is 1', async () => {
  const port = await findFreePort()
  const password = 's3cr/et:@%"\'\\ $(x)'
  const down = `postgres://app:${encodeURIComponent(password)}@127.0.0.1:${port}/x`
  const { project, query } = await openFleetProject(['acme'], { maxFailures: 5 }, [
    { name: 'down', database: down },
    { name: 'wrong', database: down.replace('postgres', 'mysql') },
  ])
  const up = await project.run(['fleet', 'up'])
  expect(up.code).toBe(1)
  expect(up.stdout).toMatch(/^fleet {2}3 targets: 1 migrated, 2 failed/)
  expect(up.stdout).toContain(' ✗ down  TM5001  cannot connect to app@127.0.0.1')
  expect(up.stdout).toContain(' ✗ wrong  TM7070  the target "wrong"')
  expect(up.stdout).toContain('tidemark fleet up --retry-failed')
  const lines = await project.run(['fleet', 'up', '--json-lines'])
  const events = lines.stdout
    .trim()
    .split('\n')
    .map((line) => FleetEventSchema.parse(JSON.parse(line)))
  expect(events.map(({ event }) => event).sort()).toEqual([
    'ended',
    'target_finished',
    'target_finished',
    'target_finished',
    'target_started',
    'target_started',
    'target_started',
    'wave_started',
  ])
  const status = await project.run(['fleet', 'status'])
  expect(status.code).toBe(1)
  for (const { stdout, stderr } of [up, lines, status])
    for (const secret of [password, encodeURIComponent(password), 's3cr'])
      expect(stdout + stderr).not.toContain(secret)
  await query('DROP SCHEMA acme CASCADE')
})

test('more failures than may stop the rollout, which says how to go on', async () => {
  const { project, query } = await openFleetProject(['a1', 'b1', 'c1'], { concurrency: 1 })
  await query('CREATE TABLE a1.users ()')
  const up = await project.run(['fleet', 'up'])
  expect(up.code).toBe(1)
  expect(up.stderr).toContain('stopped: 1 failed, and 0 may (maxFailures); 2 not begun')
  await query('DROP TABLE a1.users')
  expect((await project.run(['fleet', 'up', '--retry-failed', '--quiet'])).stdout).toContain(
    '1 target: 1 migrated',
  )
  expect((await project.run(['fleet', 'up', '--quiet'])).stdout).toContain('3 targets: 2 migrated, 1 current')
})

test('flags that an action would pass over, unknown names and a missing fleet are refused', async () => {
  const { project } = await openFleetProject(['acme'])
  const said = async (args: readonly string[]) => {
    const { code, stderr } = await project.run(['fleet', ...args])
    return [code, /TM\d{4}/.exec(stderr)?.[0]]
  }
  expect(await said(['status', '--wave', 'ring:x'])).toEqual([2, 'TM7008'])
  expect(await said(['up', '--steps', '2'])).toEqual([2, 'TM7008'])
  expect(await said(['down', '--limit', '2'])).toEqual([2, 'TM7008'])
  expect(await said(['sideways'])).toEqual([2, 'TM7008'])
  expect(await said(['up', '--only', 'acne'])).toEqual([2, 'TM7072'])
  expect(await said(['up', '--wave', 'ring:none'])).toEqual([2, 'TM7072'])
  const none = await openProject(SHOP)
  expect((await none.run(['fleet', 'status'])).stderr).toContain(
    'error TM7001: the configuration names no fleet',
  )
})

test.each([
  [{ targets: [], wave: ['5%'] }, 'TM7002', 'unknown key "fleet.wave"'],
  [{ targets: 7 }, 'TM7003', '"fleet.targets" must be a list of targets, a function that gives one'],
  [{ targets: [], concurrency: 0 }, 'TM7003', '"fleet.concurrency" must be 1 or more'],
  [{ targets: [], waves: ['5'] }, 'TM7003', '"5" is not a wave'],
  [{ targets: { file: 'tenants.json' } }, 'TM7003', 'targets from a query or a file need "hosts"'],
])('the configuration %j is refused', async (fleet, code, message) => {
  const project = await openProject({ ...SHOP, 'tidemark.config.json': JSON.stringify({ fleet }) })
  const { stderr, code: exit } = await project.run(['fleet', 'status'])
  expect(exit).toBe(2)
  expect(stderr).toContain(code)
  expect(stderr).toContain(message)
})

test('targets come from code, and a target has settings of its own', async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  await database.query('CREATE SCHEMA one; CREATE SCHEMA data_of_one')
  const project = await openProject({
    ...SHOP,
    'tidemark.config.mjs': `export default {
      fleet: { targets: async () => [{ name: 'one', database: process.env.CONTROL, schema: 'one', searchPath: 'data_of_one', lockTimeout: '1s' }] },
    }`,
  })
  const up = await project.run(['fleet', 'up'], { env: { CONTROL: database.url } })
  expect(up.code).toBe(0)
  expect(
    await database.query(
      "SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE '%one' AND tablename IN ('users', 'schema_migrations') ORDER BY 1",
    ),
  ).toEqual([
    { schemaname: 'data_of_one', tablename: 'users' },
    { schemaname: 'one', tablename: 'schema_migrations' },
  ])
})

test('the start of other commands loads nothing of a fleet', () => {
  const main = readFileSync(new URL('../../dist/main.cjs', import.meta.url), 'utf8')
  expect(main).not.toContain('createFleet')
})

test('report --fleet shows how every target is, also one that cannot be read', async () => {
  const port = await findFreePort()
  const { project } = await openFleetProject(['acme', 'zen'], {}, [
    { name: 'down', database: `postgres://app:s3cret-word@127.0.0.1:${port}/x` },
  ])
  await project.run(['fleet', 'up', '--only', 'acme'])
  const { code, stdout } = await project.run(['report', '--fleet', '--no-shadow', '--json'])
  expect(code).toBe(0)
  expect(stdout).not.toContain('s3cret-word')
  expect(ReportDocumentSchema.parse(JSON.parse(stdout)).fleet).toEqual([
    { name: 'acme', state: 'current', version: '003_posts_author', pending: 0, problems: [] },
    { name: 'zen', state: 'pending', version: null, pending: 3, problems: [] },
    {
      name: 'down',
      state: 'unreachable',
      version: null,
      pending: 0,
      problems: [expect.stringMatching(/^cannot connect to .* \(TM5001\)$/)],
    },
  ])
  const without = await openProject(SHOP, 'none')
  const refused = await without.run(['report', '--fleet', '--no-shadow'])
  expect({ code: refused.code, error: refused.stderr.split('\n')[0] }).toEqual({
    code: 2,
    error: 'error TM7001: the configuration names no fleet',
  })
})

test('on protected databases destructive steps are asked about once for all, and nothing runs without a yes', async () => {
  const { project, query } = await openFleetProject(['acme', 'zen'], {}, [])
  expect((await project.run(['fleet', 'up', '--quiet'])).code).toBe(0)
  const drop = '-- Migration: 004_drop\n-- Type: custom_sql\n\n-- @up\nDROP TABLE posts;\n'
  await project.write('migrations/004_drop.sql', drop)
  const guarded = { env: { TIDEMARK_PROTECTED: 'true' } }
  const refused = await project.run(['fleet', 'up'], guarded)
  expect([refused.code, refused.stderr.match(/TM7010/g)?.length]).toEqual([2, 1])
  expect(refused.stderr).toContain('applying 2 destructive statements to protected databases')
  expect(await query("SELECT 1 AS found FROM pg_tables WHERE tablename = 'posts'")).toHaveLength(2)
  const done = await project.run(['fleet', 'up', '--yes', '--backup', '--json'], guarded)
  expect(FleetRolloutSchema.parse(JSON.parse(done.stdout)).counts).toMatchObject({ done: 2, failed: 0 })
  const { rolloutId } = FleetRolloutSchema.parse(JSON.parse(done.stdout))
  const [folder] = readdirSync(join(project.folder, '.tidemark/backups/fleet')).filter((name) =>
    name.startsWith('zen-'),
  )
  const database = JSON.parse(readFileSync(join(project.folder, 'tidemark.config.json'), 'utf8')).fleet
    .targets[0].database
  const where = ['--database-url', database, '--schema', 'zen', '--search-path', 'zen,public', '--yes']
  const backups = ['--backups', `.tidemark/backups/fleet/${folder}`]
  const restored = await project.run(['restore', rolloutId, ...backups, ...where])
  expect([restored.code, restored.stderr]).toEqual([0, ''])
  expect(await query("SELECT schemaname FROM pg_tables WHERE tablename = 'posts'")).toEqual([
    { schemaname: 'zen' },
  ])
})

test('no secret of a target is in any output, in no format, and not in the log', async () => {
  const port = await findFreePort()
  const password = `${Array.from({ length: 95 }, (_, place) => String.fromCharCode(32 + place)).join('')}é🌊`
  const encoded = encodeURIComponent(password).replaceAll("'", '%27')
  const url = (user: string, scheme = 'postgres') => `${scheme}://${user}:${encoded}@127.0.0.1:${port}/x`
  const { project } = await openFleetProject(['acme'], { maxFailures: 9 }, [
    { name: 'down', database: url('app') },
    { name: 'wrong', database: url('app', 'mysql') },
    { name: 'twice', database: url('a') },
    { name: 'twice', database: url('b') },
    { name: 'setting', database: url('app'), lockTimeout: url('c') },
    { name: 'direct', database: url('app'), directUrl: url('d') },
  ])
  const formats = [['--json'], ['--csv'], ['--verbose'], []]
  const runs = [
    ...formats.flatMap((format) =>
      ['status', 'plan', 'up', 'history'].map((action) => ['fleet', action, ...format]),
    ),
    ['fleet', 'up', '--json-lines'],
  ]
  let names = 0
  const parts = [
    password,
    encoded,
    JSON.stringify(password).slice(1, -1),
    password.slice(40, 60),
    '%22%23%24%25',
  ]
  for (const args of runs) {
    const { stdout, stderr } = await project.run([...args, '--log-file', 'log.ndjson'])
    for (const part of parts) expect([args, `${stdout}${stderr}`.includes(part)]).toEqual([args, false])
    if (['down', 'wrong', 'twice', 'setting', 'direct'].every((name) => `${stdout}${stderr}`.includes(name)))
      names += 1
  }
  expect(names).toBe(runs.length)
  const log = readFileSync(join(project.folder, 'log.ndjson'), 'utf8')
  for (const part of parts) expect(log.includes(part)).toBe(false)
  expect(log).toContain('"fleetTarget":"down"')
})
