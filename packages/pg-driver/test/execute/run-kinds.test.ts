import { afterEach, expect, test } from 'vitest'
import { createServerHarness, HELD, release, type ServerHarness, until } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
const start = async (files: Parameters<typeof createServerHarness>[0], before = 'SELECT 1') => {
  harness = await createServerHarness(files)
  await harness.database.query(before)
  return harness
}
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

const view = (n: number) => `-- Run: on_change\n-- @up\nCREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\n`
const wider =
  '-- Run: on_change\n-- Depends on: [002_view]\n-- @up\nCREATE OR REPLACE VIEW w AS SELECT n FROM v;\n'
const shown = async (h: ServerHarness) => (await h.database.query<{ n: number }>('SELECT n FROM v'))[0]?.n

test('a changed on_change file runs again with those that depend on it, and nothing else does', async () => {
  const files = {
    '001_a': 'CREATE TABLE a (id int);',
    '002_view': view(1),
    '003_wider': wider,
    '004_other': '-- Run: on_change\n-- @up\nSELECT 1;\n',
  }
  const h = await start(files)
  await h.up()
  const appliedAt = () => h.database.query("SELECT applied_at FROM schema_migrations WHERE id = '002_view'")
  const before = await appliedAt()
  h.files = { ...files, '002_view': view(2) }
  expect(
    (await h.runner().createMigrationPlan()).steps.map((step) => [step.id, 'reason' in step && step.reason]),
  ).toEqual([
    ['002_view', 'changed'],
    ['003_wider', 'dependency_changed'],
  ])
  expect((await h.up()).done).toEqual(['002_view', '003_wider'])
  expect(await shown(h)).toBe(2)
  expect(await appliedAt()).toEqual(before)
  expect((await h.up()).outcome).toBe('nothing_to_do')
})

test('the up of an old image does not replace what a newer one applied, unless asked to', async () => {
  const h = await start({ '002_view': view(1) })
  await h.up()
  h.files = { '002_view': view(2) }
  await h.up()
  h.files = { '002_view': view(1) }
  const { outcome, plan } = await h.up()
  expect([outcome, plan.findings.map(({ code }) => code), await shown(h)]).toEqual([
    'nothing_to_do',
    ['TM4004'],
    2,
  ])
  expect((await h.up(undefined, { rerun: ['002_view'] })).done).toEqual(['002_view'])
  expect(await shown(h)).toBe(1)
  h.files = { '002_view': view(2) }
  expect((await h.up()).outcome).toBe('nothing_to_do')
})

test('an old image and a new one that start together end with the new one, and both exit well', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);', '002_view': view(1) })
  await h.up()
  h.files = { ...h.files, '002_view': view(2) }
  const newer = h.runner()
  const renewed = newer.runMigrations()
  h.files = { ...h.files, '002_view': view(1) }
  await Promise.all([renewed, h.runner().runMigrations()])
  expect(await shown(h)).toBe(2)
})

test('an on_change file that fails keeps what it was, and is applied once it is fixed', async () => {
  const h = await start({ '002_view': view(1) })
  await h.up()
  h.files = { '002_view': '-- Run: on_change\n-- @up\nCREATE OR REPLACE VIEW v AS SELEC;\n' }
  await h.fail()
  expect([await shown(h), await h.rows()]).toEqual([1, ['002_view failed']])
  h.files = { '002_view': view(3) }
  await h.up()
  expect([await shown(h), await h.rows()]).toEqual([3, ['002_view completed']])
})

const ORIGINALS = {
  '001_a': 'CREATE TABLE a (id int);',
  '002_b': '-- Depends on: [001_a]\n-- @up\nALTER TABLE a ADD COLUMN n int;\n',
}
const SQUASH = { '010_squash': '-- Replaces: [001_a, 002_b]\n-- @up\nCREATE TABLE a (id int, n int);\n' }
const AFTER = { '011_c': '-- Depends on: [002_b]\n-- @up\nALTER TABLE a ADD COLUMN t text;\n' }

test('a squash is recorded where its originals are applied, and executed on an empty database', async () => {
  const h = await start(ORIGINALS)
  await h.up()
  h.files = { ...SQUASH, ...AFTER }
  const { plan } = await h.up()
  expect(plan.steps.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['record 010_squash', 'apply 011_c'])
  expect(plan.findings).toEqual([])
  expect((await h.runner().createMigrationPlan()).findings).toEqual([])
  await h.database.query(
    'DROP TABLE a; DROP TABLE schema_migrations, migration_history, database_schema CASCADE',
  )
  expect((await h.up()).plan.steps.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    'apply 010_squash',
    'apply 011_c',
  ])
})

test('a squash beside its originals is ignored, with a note, on an empty database and on a full one', async () => {
  const h = await start({ ...ORIGINALS, ...SQUASH, ...AFTER })
  const { plan, done } = await h.up()
  expect(done).toEqual(['001_a', '002_b', '011_c'])
  expect(plan.findings.map(({ code }) => code)).toEqual(['TM2008'])
  expect((await h.up()).outcome).toBe('nothing_to_do')
})

test('a squash of a half applied set is refused before anything runs', async () => {
  const h = await start({ '001_a': ORIGINALS['001_a'] })
  await h.up()
  h.files = { ...SQUASH }
  expect((await h.fail()).diagnostics.map(({ code }) => code)).toContain('TM4005')
})

test('an old image with the originals has nothing to do once the squash is recorded', async () => {
  const h = await start(ORIGINALS)
  await h.up()
  h.files = SQUASH
  await h.up()
  h.files = ORIGINALS
  expect((await h.up()).outcome).toBe('nothing_to_do')
  expect(
    await h
      .runner()
      .rollBack({ dryRun: true })
      .catch((error: unknown) => error),
  ).toMatchObject({ code: expect.stringMatching(/^TM600/) })
})

const BACKFILL = {
  '001_a': 'CREATE TABLE a (id int);',
  '002_backfill': `-- Blocking: false\n-- Depends on: [001_a]\n-- @up\n${HELD}\nINSERT INTO a VALUES (1);\n`,
  '003_b': 'CREATE TABLE b (id int);',
}

test('what no gate waits for runs last, after the listeners were notified', async () => {
  const h = await start(BACKFILL)
  const listener = await h.connect()
  await listener.query('LISTEN tidemark')
  const notified: string[] = []
  listener.on('notification', async () => {
    notified.push((await h.rows()).join(', '))
  })
  const run = h.up()
  await until(() => notified.length > 0)
  await release(h)
  expect((await run).done).toEqual(['001_a', '003_b', '002_backfill'])
  await until(() => notified.length >= 2)
  expect(notified).toEqual([
    '001_a completed, 002_backfill pending, 003_b completed',
    '001_a completed, 002_backfill completed, 003_b completed',
  ])
})

test('up --blocking stops before them, and the next plain run goes on', async () => {
  const h = await start(BACKFILL)
  const { done, plan } = await h.up(undefined, { blocking: true })
  expect([done, plan.leftOut]).toEqual([['001_a', '003_b'], ['002_backfill']])
  await release(h)
  expect((await h.up()).done).toEqual(['002_backfill'])
})

test('a blocking file that depends on a non-blocking one is refused before a connection is made', async () => {
  const h = await start({ ...BACKFILL, '004_c': '-- Depends on: [002_backfill]\n-- @up\nSELECT 1;\n' })
  expect((await h.fail()).diagnostics.map(({ code }) => code)).toEqual(['TM2005'])
  expect(await h.has('schema_migrations')).toBe(false)
})

test('a role of the header makes what the file makes, and the next file runs as the role that connected', async () => {
  const h = await start(
    {
      '001_a':
        "-- Role: maker_of_a\n-- @up\nCREATE TABLE app.a (id int);\n-- @down\nDROP TABLE app.a;\n-- @verify\nSELECT current_user = 'maker_of_a';\n",
      '002_b': 'CREATE TABLE app.b (id int);',
    },
    `DO $$ BEGIN CREATE ROLE maker_of_a; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
     CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO maker_of_a`,
  )
  await h.up()
  const owners = () =>
    h.database.query(
      "SELECT relname, pg_get_userbyid(relowner) = 'maker_of_a' AS made FROM pg_class WHERE relnamespace = 'app'::regnamespace ORDER BY 1",
    )
  expect(await owners()).toEqual([
    { relname: 'a', made: true },
    { relname: 'b', made: false },
  ])
  await h.runner().rollBack({ request: { kind: 'target', id: '001_a', dependents: 'refuse' } })
  expect(await owners()).toEqual([{ relname: 'b', made: false }])
})

test('a role that does not exist is reported with the statement that needs it, and nothing stays', async () => {
  const h = await start({ '001_a': '-- Role: nobody_of_this_name\n-- @up\nCREATE TABLE a (id int);\n' })
  expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { sqlState: '22023' } })
  expect(await h.has('a')).toBe(false)
})
