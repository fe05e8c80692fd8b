import { listNamedInPublic, shadowCatalog } from '@tidemark/test-servers'
import { afterEach, describe, expect, test } from 'vitest'
import { createServerDatabase } from '../../src/index.ts'
import { inlineParameters } from '../../src/statement/inline-parameters.ts'
import { LEAK_CHECK } from '../../src/statement/prepared-statements.ts'
import {
  chainedPreconditionStatement,
  nameApplicationStatement,
  preconditionStatement,
} from '../../src/tracking/write/precondition.ts'
import { recordAppliedStatement } from '../../src/tracking/write/record.ts'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'
import { testMigration, testRun } from '../support/test-migration.ts'

const opened: ServerHarness[] = []
afterEach(async () => {
  for (const harness of opened.splice(0)) await harness.database.drop()
})

async function start(
  files: ServerHarness['files'],
  url?: (direct: string) => string,
): Promise<ServerHarness> {
  const harness = await createServerHarness(files, url)
  opened.push(harness)
  return harness
}

const none = (up: string) => `-- Transaction: none\n\n-- @up\n${up}`

describe('an unprivileged role that may create in public', () => {
  /** What it makes there runs its code as the role that calls it. */
  const ATTACK = `
    CREATE FUNCTION public.rise() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user)
      THEN UPDATE public.seen SET risen = true; END IF; RETURN true; END $$;
    CREATE FUNCTION public.same(a varchar, b text) RETURNS boolean LANGUAGE sql AS 'SELECT public.rise()';
    CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = text, FUNCTION = public.same);
    CREATE FUNCTION public.same(a oid, b int4) RETURNS boolean LANGUAGE sql AS 'SELECT public.rise()';
    CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = int4, FUNCTION = public.same);
    CREATE FUNCTION public.gather(a jsonb[], b jsonb) RETURNS jsonb[] LANGUAGE plpgsql AS 'BEGIN PERFORM public.rise(); RETURN a; END';
    CREATE AGGREGATE public.array_agg(jsonb) (SFUNC = public.gather, STYPE = jsonb[]);
    CREATE FUNCTION public.to_jsonb(a text) RETURNS jsonb LANGUAGE plpgsql AS 'BEGIN PERFORM public.rise(); RETURN NULL; END';`

  test.each(['"$user", public', 'public, pg_catalog'])(
    'does not run code in a run, with the path %s',
    async (path) => {
      const h = await start({
        '001_a': 'CREATE TABLE a (id integer);',
        '002_b': none('CREATE TABLE b (id integer);'),
      })
      const role = `attacker_${h.server.name}`
      await h.database.query(`CREATE TABLE public.seen AS SELECT false AS risen; GRANT ALL ON public.seen TO PUBLIC;
      CREATE ROLE ${role}; GRANT CREATE ON SCHEMA public TO ${role}; SET ROLE ${role}; ${ATTACK}`)
      await h.database.query(`ALTER DATABASE ${h.server.name} SET search_path = ${path}`)
      const seen = () => h.database.query('SELECT risen FROM public.seen')
      await h.up()
      expect(await seen()).toEqual([{ risen: false }])
      const reader = await createServerDatabase({ database: h.server.url }).openReader()
      await Promise.all([reader.store.readHistory(), reader.store.listAttempts({}), reader.findRunner()])
      await reader.close()
      expect(await seen()).toEqual([{ risen: false }])
      await h.database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    },
  )
})

test('everything that a run sends names what it means, whatever public holds under the same names', async () => {
  const files = {
    '001_a': 'CREATE TABLE a (id integer PRIMARY KEY);\n-- @verify\nSELECT true;\n-- @down\nDROP TABLE a;',
    '002_b': '-- @up\nINSERT INTO a VALUES (1);\n-- @down\nDELETE FROM a;',
    '003_c': none(
      'CREATE INDEX CONCURRENTLY c ON a (id);\nREINDEX TABLE CONCURRENTLY a;\n-- @down\nDROP INDEX CONCURRENTLY c;',
    ),
    '004_d': '-- @up\nSELECT pg_catalog.pg_advisory_lock(7);\n-- @down\nSELECT 1;',
  }
  const h = await start({ '001_a': files['001_a'] })
  await h.up()
  await shadowCatalog(h.server)
  h.files = files
  expect(await h.up()).toMatchObject({ outcome: 'done' })
  const verdicts = {
    'SELECT false': 'row 1 is false, not true',
    'SELECT 1': 'the first column is integer, not boolean',
    'SELECT true WHERE false': 'the query gives no row',
  }
  for (const [query, verdict] of Object.entries(verdicts)) {
    h.files = { ...files, '005_e': `-- @up\nSELECT 1;\n-- @verify\n${query};` }
    expect(await h.fail()).toMatchObject({ message: expect.stringContaining(verdict) })
  }
  h.files = { ...files, '005_e': 'CREATE TABLE a (id integer);' }
  expect(await h.fail()).toMatchObject({ message: '"005_e" statement 1 of 1: relation "a" already exists' })
  h.files = files
  expect(await h.runner().rollBack({ request: { kind: 'steps', count: 4 } })).toMatchObject({
    outcome: 'done',
  })
})

test('what a search path is set and checked with names what it means too', async () => {
  const h = await start({ '001_a': 'CREATE TABLE tenant_x.a ();\n-- @verify\nSELECT true;' })
  await shadowCatalog(h.server)
  const settings = {
    schema: 'tenant_x',
    searchPath: ['public', 'tenant_x', 'pg_catalog'],
    createSchema: true,
  }
  await h.database.query('CREATE SCHEMA tenant_x')
  expect((await h.up(settings)).done).toEqual(['001_a'])
  expect((await h.runner(settings).verify()).outcomes.map(({ kind }) => kind)).toEqual(['held'])
  expect(await h.fail({ ...settings, createSchema: false, schema: 'nowhere' })).toMatchObject({
    code: 'TM7041',
  })
})

test('what is sent in the search_path of a file names operators and functions with their schema', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  await h.up()
  await shadowCatalog(h.server)
  const run = testRun(1)
  const step = { id: '001_a', lockKey: '1', runId: run.runId }
  const statements = [
    LEAK_CHECK,
    nameApplicationStatement('public', 'x'),
    chainedPreconditionStatement('public', { lockKey: '1', commitToken: '0', applicationName: 'x' }),
    ...(['up', 'down'] as const).flatMap((direction) =>
      [[], ['000_a'], ['000_a', '000_b']].map((after) =>
        preconditionStatement('public', { ...step, direction, after, rerun: 'refused' }),
      ),
    ),
    recordAppliedStatement('public', {
      migration: testMigration('001_a', '-- @up\nSELECT 1;'),
      run,
      transaction: { kind: 'guarded' },
      commitToken: '1',
    }),
  ]
  for (const statement of statements) {
    expect(await listNamedInPublic(h.server, inlineParameters(statement))).toEqual([])
  }
  expect(await listNamedInPublic(h.server, "SELECT 'a'::pg_catalog.text = 'b'")).toEqual([
    expect.stringContaining('operator public.='),
  ])
})

test.each([
  ['a database', 'ALTER DATABASE $ SET search_path = app', ''],
  ['a role in a database', 'ALTER ROLE CURRENT_USER IN DATABASE $ SET search_path = app', ''],
  ['a URL', '', '?options=-csearch_path%3Dapp'],
])(
  'I4: files find the search_path of %s, and what they set lasts to their end',
  async (_, setting, query) => {
    const see = (place: number) =>
      `INSERT INTO app.seen SELECT ${place}, pg_catalog.current_setting('search_path');`
    const file = (place: number) =>
      `${see(place)} SET search_path = other; ${see(place + 1)} RESET search_path; ${see(place + 2)} SET search_path = other;`
    const h = await start(
      {
        '001_a':
          `${file(1)}\n-- @verify\nSELECT pg_catalog.current_setting('search_path') = 'other';`.replace(
            /^/,
            '-- @up\n',
          ),
        '002_b': none(file(4)),
        '003_c': `-- @up\n${see(7)}\n-- @verify\nSELECT pg_catalog.current_setting('search_path') = 'app';`,
      },
      (direct) => `${direct}${query}`,
    )
    await h.database.query(
      'CREATE SCHEMA app; CREATE SCHEMA other; CREATE TABLE app.seen (place integer, path text)',
    )
    if (setting !== '') await h.database.query(setting.replace('$', h.server.name))
    await h.up()
    expect(
      await h.database.query("SELECT pg_catalog.string_agg(path, ' ' ORDER BY place) AS seen FROM app.seen"),
    ).toEqual([{ seen: 'app other app app other app app' }])
  },
)

test('a deferred trigger runs with the search_path of its file, also without a transaction', async () => {
  const fill = 'SET search_path = app; INSERT INTO a VALUES (1);'
  const h = await start({ '001_a': fill, '002_b': none(fill) })
  await h.database.query(`CREATE SCHEMA app; CREATE TABLE app.a (id integer); CREATE TABLE app.noted (id integer);
    CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO noted VALUES (NEW.id); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER note AFTER INSERT ON app.a DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.note()`)
  await h.up()
  expect(await h.database.query('SELECT id FROM app.noted')).toEqual([{ id: 1 }, { id: 1 }])
})
