import { randomBytes } from 'node:crypto'
import { sharedServerUrl } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { none } from '../support/autocommit-suite.ts'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
// A superuser passes over row security, so the migrations run as the owner of the database.
const deploy = `deploy_${randomBytes(3).toString('hex')}`
const admin = new pg.Client({ connectionString: sharedServerUrl() })

beforeAll(async () => {
  await admin.connect()
  await admin.query(`CREATE ROLE "${deploy}" LOGIN PASSWORD 'secret'`)
})
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})
afterAll(async () => {
  await admin.query(`DROP ROLE "${deploy}"`)
  await admin.end()
})

async function start(files: Parameters<typeof createServerHarness>[0]): Promise<ServerHarness> {
  const asDeploy = (direct: string) =>
    Object.assign(new URL(direct), { username: encodeURIComponent(deploy), password: 'secret' }).href
  harness = await createServerHarness(files, asDeploy)
  await harness.server.query(
    `ALTER DATABASE "${harness.server.name}" OWNER TO "${deploy}"; ALTER SCHEMA public OWNER TO "${deploy}"`,
  )
  return harness
}

const loop = (statement: string): string =>
  `CREATE TABLE orders ();
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP EXECUTE format('${statement}', r.tablename); END LOOP;
END $$;`
const KEEP = `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'immutable'; END $f$;\n`
const ALL = ['database_schema', 'migration_history', 'schema_migrations']
const each = (what: string) => ALL.map((table) => `${what} on public.${table}`).join(', ')

describe.each([
  [
    'FORCE ROW LEVEL SECURITY',
    'ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    each('FORCE ROW LEVEL SECURITY'),
  ],
  [
    'SET SCHEMA',
    'ALTER TABLE %I SET SCHEMA attic',
    ALL.map((table) => `public.${table} was dropped, renamed or moved`).join(', '),
  ],
  [
    'a trigger',
    'CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION keep()',
    each('trigger keep'),
  ],
  ['TRUNCATE', 'TRUNCATE %I CASCADE', 'its row was deleted from public.schema_migrations'],
  [
    'a NOT NULL column',
    'ALTER TABLE %I ADD tenant int; UPDATE %1$I SET tenant = 1; ALTER TABLE %1$I ALTER tenant SET NOT NULL',
    each('column tenant'),
  ],
  ['a check constraint', 'ALTER TABLE %I ADD CONSTRAINT no CHECK (false) NOT VALID', each('constraint no')],
])('a loop over all tables of public with %s', (_, statement, found) => {
  const body = loop(statement).replace('CREATE TABLE orders', `${KEEP}CREATE TABLE orders`)

  test('is reported as that, at its statement, the second time too, and nothing is left of it', async () => {
    const h = await start({
      '001_a': 'CREATE SCHEMA attic;',
      '002_x': `-- Depends on: [001_a]\n-- @up\n${body}`,
    })
    for (const _turn of ['first', 'again']) {
      const error = await h.fail()
      expect(error).toMatchObject({
        code: 'TM5015',
        message: `"002_x" changed the tracking tables, so that it cannot be recorded: ${found}`,
        help: 'leave out schema_migrations, migration_history, database_schema where the file goes over all tables of a schema, or keep them elsewhere: --schema tidemark',
        details: { index: 3, count: 3 },
      })
      expect(error.frame).toContain('DO $$ DECLARE r record')
      expect(JSON.stringify(error.details)).not.toContain('TM ')
      expect(await h.rows()).toEqual(['001_a completed', '002_x failed'])
      expect(await h.has('orders')).toBe(false)
    }
  })
})

test('a role of the header and a search_path of the file do not hide it, and are in force for the file', async () => {
  const h = await start({
    '001_a': `-- Role: ${deploy}_owner
-- @up
SET LOCAL search_path = store, pg_catalog;
CREATE TABLE t AS SELECT current_user::text AS role, current_setting('search_path') AS path;
DO $$ BEGIN RESET ROLE; ALTER TABLE public.schema_migrations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; END $$;
INSERT INTO t SELECT 1 / (current_setting('search_path') = 'store, pg_catalog')::int;`,
  })
  await h.server.query(`CREATE ROLE ${deploy}_owner; GRANT ${deploy}_owner TO "${deploy}";
    CREATE SCHEMA store AUTHORIZATION ${deploy}_owner`)
  try {
    expect(await h.fail()).toMatchObject({ code: 'TM5015', details: { index: 3 } })
  } finally {
    await h.server.query(`DROP SCHEMA store; DROP ROLE ${deploy}_owner`)
  }
})

test('what others changed meanwhile is still told as theirs', async () => {
  const h = await start({ '001_a': "UPDATE schema_migrations SET status = 'completed', run_id = NULL;" })
  expect(await h.fail()).toMatchObject({ code: 'TM5011', message: expect.not.stringContaining('TM row') })
})

test('without a transaction the finished statements stay, and are named', async () => {
  const h = await start({
    '001_a': none(loop('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')),
  })
  expect(await h.fail()).toMatchObject({
    code: 'TM5015',
    message: expect.stringContaining('FORCE ROW LEVEL SECURITY on public.schema_migrations'),
    details: { databaseState: expect.stringContaining('statements of "001_a"') },
  })
})

test('a REVOKE, GRANT or ENABLE ROW LEVEL SECURITY over all tables is applied', async () => {
  const statements = [
    'GRANT SELECT ON %I TO PUBLIC',
    'ALTER TABLE %I ENABLE ROW LEVEL SECURITY',
    'REVOKE ALL ON %I FROM PUBLIC',
  ]
  const h = await start({
    '001_a': statements.map((one) => loop(one).replace('CREATE TABLE orders ();\n', '')).join('\n'),
  })
  expect((await h.up()).done).toEqual(['001_a'])
  expect((await h.up()).outcome).toBe('nothing_to_do')
})

test.each([
  ['DELETE FROM', '23503'],
  ['DROP TABLE', '2BP01'],
  ['TRUNCATE', '0A000'],
])(
  'a %s of all tables is refused by the server, and said to be of the tracking tables',
  async (verb, sqlState) => {
    const h = await start({ '001_a': 'SELECT 1;', '002_x': loop(`${verb} %I`) })
    expect(await h.fail()).toMatchObject({
      code: 'TM5004',
      details: { sqlState },
      help: expect.stringContaining('leave out schema_migrations'),
    })
  },
)
