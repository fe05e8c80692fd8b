import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { openEmbeddedEngine } from '@tidemark/embedded'
import { originalFolder } from '@tidemark/import/testing'
import { connectToServer } from '@tidemark/pg-driver/engine'
import {
  createTestDatabase,
  pgBouncerMissing,
  type Recorder,
  SHADOW,
  shadowCatalog,
  startPgBouncer,
  startRecorder,
  startServer,
  type TestDatabase,
  type TestServer,
} from '@tidemark/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { pgDumpMissing } from '../support/pg-dump-missing.ts'
import { openProject, type Project, SHOP } from '../support/project.ts'
import { file, NEW, openBranch, startDev } from '../support/start-dev.ts'

let server: TestServer
let recorder: Recorder

beforeAll(async () => {
  await buildWhenStale()
  server = await startServer({ major: '15' })
  recorder = await startRecorder(server.url())
})
afterAll(async () => {
  await recorder.close()
  await server.remove()
})

const VERIFIED = '-- @verify\nSELECT true;\nDO $$ BEGIN END $$;\n'
const FILES = {
  ...SHOP,
  'migrations/001_users.sql': `${SHOP['migrations/001_users.sql']}\n${VERIFIED}`,
  'migrations/003_posts_author.sql': `${SHOP['migrations/003_posts_author.sql']}\n${VERIFIED}`,
}
const REPEATED = `-- Migration: 004_view
-- Type: custom_sql
-- Depends on: [001_users]
-- Run: on_change

-- @up
CREATE OR REPLACE VIEW seen AS SELECT id FROM users;

-- @down
DROP VIEW seen;
`

/** Its own statements find nothing in `public` but the table. */
const FILL = `-- Depends on: [001_items]
-- Batches: items by id, size 2

-- @up
UPDATE items SET n = 1 WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2;

-- @down
UPDATE items SET n = 1 WHERE id OPERATOR(pg_catalog.>=) $1 AND id OPERATOR(pg_catalog.<=) $2;
`

/** What the server said while these commands ran, and how each that did not succeed ended. */
async function runAll(
  project: Project,
  database: TestDatabase,
  commands: readonly string[],
): Promise<{ readonly found: readonly string[]; readonly failed: readonly string[] }> {
  const before = recorder.errors.length
  const env = { TIDEMARK_DATABASE_URL: recorder.url(database.url) }
  const failed: string[] = []
  for (const command of commands) {
    const { code } = await project.run(command.split(' '), { env })
    if (code !== 0) failed.push(`${command}: ${code}`)
  }
  return { found: recorder.errors.slice(before).filter((message) => message.includes(SHADOW)), failed }
}

async function shadowed(): Promise<TestDatabase> {
  const database = await createTestDatabase({ server })
  await shadowCatalog(database)
  return database
}

test('a statement that names an operator alone is seen by the recorder', async () => {
  const { url } = await shadowed()
  const options = { url: recorder.url(url), applicationName: 'tidemark test', timeoutMs: 10_000 }
  const connection = await connectToServer(options)
  await expect(connection.query('SELECT 1 = $1::pg_catalog.int4', [1])).rejects.toThrow(SHADOW)
  await connection.close()
  expect(recorder.statements.at(-1)).toBe('SELECT 1 = $1::pg_catalog.int4')
  expect(recorder.errors.at(-1)).toContain(SHADOW)
})

test('no command finds anything but what it means in a database that it has never seen', async () => {
  const database = await shadowed()
  const project = await openProject(FILES)
  const outcome = await runAll(project, database, [
    'doctor',
    'status',
    'plan',
    'history',
    'up --dry-run',
    'baseline --through 001_users --yes',
    'doctor',
  ])
  expect(outcome).toEqual({ found: [], failed: ['status: 3'] })
})

test('nor for a fleet, whose targets share connections', async () => {
  const database = await createTestDatabase({ server })
  await database.query('CREATE SCHEMA one; CREATE SCHEMA two')
  await shadowCatalog(database)
  const targets = ['one', 'two'].map((name) => ({
    name,
    database: recorder.url(database.url),
    schema: name,
    searchPath: `${name},public,pg_catalog`,
  }))
  const config = JSON.stringify({ fleet: { targets, perServer: 1 } })
  const project = await openProject({ ...FILES, 'tidemark.config.json': config })
  const outcome = await runAll(project, database, [
    'fleet status',
    'fleet plan',
    'fleet up',
    'fleet status',
    'fleet history',
    'fleet down --yes',
    'fleet up --retry-failed',
    'fleet up',
  ])
  expect(outcome).toEqual({ found: [], failed: ['fleet status: 3'] })
})

test('nor between the batches of a file', async () => {
  const database = await createTestDatabase({ server })
  const project = await openProject({
    'migrations/001_items.sql': '-- @up\nCREATE TABLE items (id int PRIMARY KEY, n int);\n',
  })
  await runAll(project, database, ['up'])
  await database.query('INSERT INTO items SELECT n FROM generate_series(1, 9) n; ANALYZE items')
  await shadowCatalog(database)
  await project.write('migrations/002_fill.sql', FILL)
  const commands = ['plan', 'up', 'status --json', 'history 002_fill', 'down --target 002_fill --yes', 'up']
  expect(await runAll(project, database, commands)).toEqual({ found: [], failed: [] })
})

test('nor where the schema, sizes and statistics are read', async () => {
  const database = await createTestDatabase({ server })
  const project = await openProject({ 'migrations/001_users.sql': FILES['migrations/001_users.sql'] })
  await runAll(project, database, ['up'])
  await shadowCatalog(database)
  await project.write(
    'migrations/002_more.sql',
    '-- Depends on: [001_users]\n-- @up\nALTER TABLE users ADD more int;\n',
  )
  const { found } = await runAll(project, database, [
    'drift',
    'status --drift',
    'rehearse',
    'report --no-shadow --drift',
    'baseline --from-database --dry-run',
  ])
  expect(found).toEqual([])
})

test('nor while `dev` applies and redoes what is saved', async () => {
  const database = await shadowed()
  const project = await openBranch(undefined, { development: true })
  const before = recorder.errors.length
  const dev = startDev(project, [], { TIDEMARK_DATABASE_URL: recorder.url(database.url) })
  expect(await dev.next('applied')).toMatchObject({ action: 'apply' })
  await project.write(NEW, file('ALTER TABLE users ADD note text;', 'ALTER TABLE users DROP note;'))
  expect(await dev.next('applied')).toMatchObject({ action: 'apply', ids: ['004_new'] })
  await project.write(NEW, file('ALTER TABLE users ADD notes text;', 'ALTER TABLE users DROP notes;'))
  expect(await dev.next('applied')).toMatchObject({ action: 'redo', ids: ['004_new'] })
  await dev.end()
  expect(recorder.errors.slice(before).filter((message) => message.includes(SHADOW))).toEqual([])
})

test('nor in one that it has migrated', async () => {
  const database = await createTestDatabase({ server })
  const project = await openProject({ 'migrations/001_users.sql': FILES['migrations/001_users.sql'] })
  await runAll(project, database, ['up'])
  await shadowCatalog(database)
  for (const [path, text] of Object.entries({ ...FILES, 'migrations/004_view.sql': REPEATED }))
    await project.write(path, text)
  const ran = await runAll(project, database, [
    'up',
    'up',
    'status --json',
    'plan --out plan.json',
    'up --plan plan.json',
    'history --verbose',
    'history 001_users --limit 1',
    'history --slowest --since 2020-01-01',
    'verify',
    'wait --timeout 5s',
    'doctor --json',
    'show 001_users',
    'graph',
    'branches',
    'manifest --out schema.ts',
    'manifest --out schema.ts --check',
    'redo --yes',
    'down --yes',
    'switch --yes',
    'migrate --execute',
    'reset --yes',
    'mark 003_posts_author --as pending --yes',
    'mark 003_posts_author --as completed --yes',
  ])
  expect(ran).toEqual({ found: [], failed: [] })
  await project.write('migrations/004_view.sql', REPEATED.replace('SELECT id', 'SELECT id AS id'))
  await project.write('migrations/001_users.sql', SHOP['migrations/001_users.sql'] ?? '')
  await project.write('migrations/005_broken.sql', '-- @up\nCREATE TABLE users ();\n-- @down\nSELECT 1;\n')
  const broken = await runAll(project, database, [
    'repair --adopt 001_users --yes',
    'repair --yes',
    'up',
    'status',
    'history',
    'up',
  ])
  expect(broken).toEqual({ found: [], failed: ['up: 1', 'status: 3', 'up: 1'] })
})

test('nor where a squash takes the place of what is applied, and where files are written', async () => {
  const database = await createTestDatabase({ server })
  const project = await openProject(FILES)
  await runAll(project, database, ['up'])
  await shadowCatalog(database)
  const outcome = await runAll(project, database, [
    'validate',
    'squash base --through 003_posts_author --transaction none --delete',
    'plan',
    'up',
    'status',
    'history',
    'doctor',
    'reset --yes',
    'merge',
    'new later',
    'completion bash',
    'init',
  ])
  expect(outcome).toEqual({ found: [], failed: ['merge: 2'] })
})

test.skipIf(pgBouncerMissing !== undefined)(
  `nor through a pooler${pgBouncerMissing === undefined ? '' : ` (skipped: ${pgBouncerMissing})`}`,
  async () => {
    for (const settings of [{}, { ignore_startup_parameters: 'options' }]) {
      const database = await createTestDatabase({ server })
      const project = await openProject(FILES)
      await runAll(project, database, ['up --target 001_users'])
      await shadowCatalog(database)
      const pooler = await startPgBouncer({ server: database.url, mode: 'session', settings })
      const behind = await startRecorder(pooler.url(database.url))
      const env = { TIDEMARK_DATABASE_URL: behind.url(database.url) }
      for (const command of ['up', 'status', 'doctor', 'wait', 'verify', 'down --yes', 'reset --yes']) {
        expect([command, (await project.run(command.split(' '), { env })).code]).toEqual([command, 0])
      }
      expect(behind.errors.filter((message) => message.includes(SHADOW))).toEqual([])
      await behind.close()
      await pooler.remove()
    }
  },
)

test('nor in an embedded database', async () => {
  const project = await openProject(FILES, 'embedded')
  expect((await project.run(['up'])).code).toBe(0)
  const engine = await openEmbeddedEngine({
    location: { kind: 'directory', path: join(project.folder, 'data') },
  })
  const connection = await engine.connect({ applicationName: 'test' })
  await shadowCatalog({ name: 'postgres', query: (text) => connection.query(text) })
  await connection.close()
  await engine.close()
  const ended = []
  for (const command of [
    'status',
    'plan',
    'redo --yes',
    'verify',
    'wait',
    'history',
    'reset --yes',
    'repair --yes',
    'up',
  ]) {
    const { code, stdout, stderr } = await project.run([...command.split(' '), '--json'])
    ended.push([command, code, `${stdout}${stderr}`.includes(SHADOW)])
  }
  expect(ended.filter(([, code, isFound]) => code !== 0 || isFound)).toEqual([])
})

test('nor where the history of another tool is adopted', async () => {
  const database = await createTestDatabase({ server })
  await database.query(`CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
    INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')`)
  await shadowCatalog(database)
  const project = await openProject({})
  await cp(originalFolder('dbmate'), project.folder, { recursive: true })
  const place = '--schema tidemark'
  const outcome = await runAll(project, database, [
    `import dbmate --adopt --out tidemark ${place}`,
    `status --dir tidemark ${place}`,
  ])
  expect(outcome).toEqual({ found: [], failed: [`status --dir tidemark ${place}: 3`] })
})

test.skipIf(pgDumpMissing !== '')(
  `nor in a backup and what restores it${pgDumpMissing === '' ? '' : ` (skipped: ${pgDumpMissing})`}`,
  async () => {
    const database = await createTestDatabase({ server })
    const project = await openProject(SHOP)
    await runAll(project, database, ['up'])
    await shadowCatalog(database)
    const saved = await runAll(project, database, ['down --to 001_users --backup --yes'])
    const [row] = await database.query<{ run: string }>(
      `SELECT run_id::pg_catalog.text AS run FROM public.migration_history WHERE direction OPERATOR(pg_catalog.=) 'down' LIMIT 1`,
    )
    const restored = await runAll(project, database, [`restore ${row?.run} --yes`])
    expect([saved, restored]).toEqual([
      { found: [], failed: [] },
      { found: [], failed: [] },
    ])
  },
)
