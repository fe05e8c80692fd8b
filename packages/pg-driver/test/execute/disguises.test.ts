import { afterEach, expect, test } from 'vitest'
import { lockKey } from '../../src/lock/lock-key.ts'
import {
  createServerHarness,
  HELD,
  release,
  type ServerHarness,
  until,
  untilRunning,
} from '../support/server-harness.ts'

/** What a file, or the database around it, may do without a trace in the text of the file. */
let harness: ServerHarness | undefined
const start = async (files: Parameters<typeof createServerHarness>[0], setup?: string) => {
  harness = await createServerHarness(files)
  if (setup !== undefined) await harness.server.query(setup)
  return harness
}
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

const tables = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name, at) => [`10${at}_${name}`, `CREATE TABLE ${name} (id int);`]))

const inDatabase = (setting: string, condition = 'true') =>
  `DO $$ BEGIN IF ${condition} THEN EXECUTE pg_catalog.format('ALTER DATABASE %I SET ${setting}', pg_catalog.current_database()); END IF; END $$`

/** Servers have it since 17. */
const IF_KNOWN = "EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout')"

const IN_FRONT = `CREATE SCHEMA front;
  CREATE FUNCTION front.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
  CREATE OPERATOR front.= (LEFTARG = text, RIGHTARG = text, FUNCTION = front.never);
  CREATE OPERATOR front.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = front.never);
  CREATE DOMAIN front.text AS pg_catalog.int4; CREATE DOMAIN front.uuid AS pg_catalog.int4; CREATE DOMAIN front.jsonb AS pg_catalog.int4;
  CREATE DOMAIN front.timestamptz AS pg_catalog.int4;
  CREATE FUNCTION front.now() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION front.count(VARIADIC "any") RETURNS int LANGUAGE internal AS 'pg_num_nonnulls';
  CREATE FUNCTION front.set_config(pg_catalog.text, pg_catalog.text, boolean) RETURNS pg_catalog.text LANGUAGE sql AS 'SELECT ''hijacked''';`

test.each([
  ['a session', 'SET search_path = front, pg_catalog;'],
  ['a transaction', 'SET LOCAL search_path = front, pg_catalog;'],
  ['a function', "SELECT pg_catalog.set_config('search_path', 'front, pg_catalog', false);"],
  ['a block', "DO $$ BEGIN PERFORM pg_catalog.set_config('search_path', 'front, pg_catalog', true); END $$;"],
])(
  'types, functions and operators in front of ours for %s reach neither record nor guard',
  async (_, text) => {
    const h = await start({ '001_front': text, ...tables('a', 'b', 'c', 'd') }, IN_FRONT)
    expect((await h.up()).done).toHaveLength(5)
    expect((await h.up()).outcome).toBe('nothing_to_do')
  },
)

test('temporary tables that are named like types and like our tables reach neither record nor guard', async () => {
  const names = ['text', 'uuid', 'jsonb', 'int4', 'int8', 'schema_migrations', 'migration_history', 'count']
  const h = await start({
    '001_temporary': names.map((name) => `CREATE TEMPORARY TABLE "${name}" (x pg_catalog.int4);`).join('\n'),
    ...tables('a', 'b', 'c', 'd'),
  })
  expect((await h.up()).done).toHaveLength(5)
})

test('types in front of ours for the whole database are not those of the tracking tables', async () => {
  const types = IN_FRONT.replaceAll(/CREATE OPERATOR.*;/g, '')
  const h = await start(
    // A statement that takes long is measured, and what was measured is written at the end.
    { ...tables('a', 'b'), '200_slow': 'SELECT pg_sleep(0.3);' },
    `${types}${inDatabase('search_path = front, pg_catalog, public')}`,
  )
  expect((await h.up()).done).toHaveLength(3)
  expect((await h.runner().status()).pending).toEqual([])
  expect((await h.runner().history()).attempts).toHaveLength(3)
})

test('I4: what an event trigger leaves does not reach the next migration', async () => {
  const h = await start(
    {
      ...tables('a', 'b'),
      '200_see': `CREATE TABLE found AS SELECT current_setting('search_path') AS path,
        coalesce(current_setting('app.left', true), '') AS setting, current_user = session_user AS own,
        (SELECT count(*)::int FROM pg_prepared_statements WHERE name NOT LIKE 'tidemark%') AS prepared;`,
    },
    `CREATE FUNCTION leave() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
       PERFORM set_config('app.left', 'over', false), set_config('search_path', 'public, pg_temp', false);
       IF NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'left_over') THEN EXECUTE 'PREPARE left_over AS SELECT 1'; END IF; END $$;
     CREATE EVENT TRIGGER leave ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION leave();`,
  )
  await h.up()
  expect(await h.database.query('SELECT * FROM public.found')).toEqual([
    { path: '"$user", public', setting: '', own: true, prepared: 0 },
  ])
})

test('I4: an event trigger that the run itself makes is seen as well', async () => {
  const h = await start({
    '001_make': `CREATE FUNCTION leave() RETURNS event_trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM set_config('app.left', 'over', false); END $$;
      CREATE EVENT TRIGGER leave ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION leave();`,
    ...tables('a', 'b'),
    '200_see': "CREATE TABLE found AS SELECT coalesce(current_setting('app.left', true), '') AS setting;",
  })
  await h.up()
  expect(await h.database.query('SELECT * FROM found')).toEqual([{ setting: '' }])
})

test('I4: what a verify prepares or locks for the session does not reach the next migration', async () => {
  const h = await start({
    '001_a': `-- @up
CREATE TABLE a (id int);
-- @verify
SELECT pg_advisory_lock(77) IS NOT NULL;
DO $$ BEGIN EXECUTE 'PREPARE left_over AS SELECT 1'; END $$;
`,
    '002_see': `CREATE TABLE found AS SELECT
      (SELECT count(*)::int FROM pg_prepared_statements WHERE name NOT LIKE 'tidemark%') AS prepared,
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks;`,
  })
  await h.up()
  expect(await h.database.query('SELECT * FROM found')).toEqual([{ prepared: 0, locks: 1 }])
})

test.each([
  ['RESET ALL in a block', "DO $$ BEGIN EXECUTE 'RESET ALL'; END $$;"],
  [
    'RESET ALL in a function',
    "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'RESET ' || 'ALL'; END $$; SELECT f();",
  ],
  [
    "the marker's name in a block",
    "DO $$ BEGIN PERFORM set_config('tidemark' || '.xid', '1', true); END $$;",
  ],
])('%s is no end of the transaction: the migration lands, once', async (_, text) => {
  const h = await start({
    '001_a': `CREATE TABLE a (id int);\n${text}\nINSERT INTO a VALUES (1);`,
    ...tables('b', 'c', 'd', 'e'),
  })
  expect((await h.up()).done).toHaveLength(5)
  expect(await h.database.query('SELECT id FROM a')).toEqual([{ id: 1 }])
  expect(await h.database.query("SELECT status FROM migration_history WHERE migration_id = '001_a'")).toEqual(
    [{ status: 'completed' }],
  )
})

test.each(['SET TRANSACTION READ ONLY;', 'SET transaction_read_only = on;'])(
  '%s in a file is reported as what the file did, not as a server that is read-only',
  async (text) => {
    const h = await start({ '001_a': `CREATE TABLE a (id int);\n${text}` })
    expect(await h.fail()).toMatchObject({
      code: 'TM5004',
      help: 'the file makes its transaction read-only, so it cannot be recorded: remove that',
      details: { sqlState: '25006' },
    })
    expect(await h.has('a')).toBe(false)
  },
)

const BROKEN = 'CREATE TABLE broken (id inte ger);'

test.each([2, 6])(
  'a mark that the database sets is not taken for a commit, with %i migrations',
  async (count) => {
    const others = tables('b', 'c', 'd', 'e', 'f', 'g').valueOf()
    const h = await start(
      { '001_broken': BROKEN, ...Object.fromEntries(Object.entries(others).slice(0, count - 1)) },
      inDatabase(`"tidemark.done" = ''0 001_broken''`),
    )
    expect((await h.fail()).details).toMatchObject({ failed: ['001_broken'], applied: [] })
    expect((await h.rows()).filter((row) => row.endsWith('completed'))).toEqual([])
  },
)

test('the mark of a rollback is not taken for a commit when the same file is applied again and fails', async () => {
  const h = await start({ '001_a': '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n' })
  await h.up()
  h.files = { '001_a': `-- @up\n${BROKEN}\n-- @down\nSELECT 1;\n`, '002_b': 'CREATE TABLE b (id int);' }
  await expect(h.runner().reset()).rejects.toMatchObject({ details: { failed: ['001_a'] } })
  expect([await h.rows(), await h.has('b')]).toEqual([['001_a failed', '002_b pending'], false])
})

test('limits of the role or database on idle sessions and on transactions do not reach a run', async () => {
  const h = await start(
    { '001_slow': 'SELECT pg_sleep(1.2);', '002_b': 'CREATE TABLE b (id int);' },
    `${inDatabase("idle_session_timeout = ''400ms''")}; ${inDatabase("transaction_timeout = ''700ms''", IF_KNOWN)}`,
  )
  expect((await h.up()).done).toEqual(['001_slow', '002_b'])
})

const COMPLETED_ELSEWHERE = `WITH done AS (UPDATE schema_migrations SET status = 'completed', applied_at = now() WHERE id = '002_b' RETURNING id, checksum)
  INSERT INTO migration_history (migration_id, status, direction, checksum) SELECT id, 'completed', 'up', checksum FROM done`

test('I1: what another run completed after it took the lock over stays completed', async () => {
  const h = await start({
    '001_gives_it_away': `SELECT pg_advisory_unlock_all(); ${HELD}`,
    '002_b': 'CREATE TABLE b (id int);',
  })
  const run = h.fail()
  const other = await h.connect()
  const took = async () =>
    (await other.query(`SELECT pg_try_advisory_lock(${lockKey('public')}) AS took`)).rows[0].took
  await until(async () => await h.has('database_schema'))
  await until(took)
  await other.query(COMPLETED_ELSEWHERE)
  await release(h)
  expect(await run).toMatchObject({ code: 'TM5012', details: { failed: ['002_b'] } })
  expect(await h.rows()).toEqual(['001_gives_it_away completed', '002_b completed'])
  await other.query('SELECT pg_advisory_unlock_all()')
  expect((await h.up()).outcome).toBe('nothing_to_do')
})

test('I1: a migration that fails because another run has applied it meanwhile stays completed', async () => {
  const h = await start({ '001_a': 'SELECT 1;', '002_b': `${HELD} CREATE TABLE b (id int);` })
  const run = h.fail()
  await untilRunning(h, HELD)
  await h.database.query(`CREATE TABLE b (id int); ${COMPLETED_ELSEWHERE}`)
  await release(h)
  expect(await run).toMatchObject({ code: 'TM5004', details: { sqlState: '42P07' } })
  expect(await h.rows()).toEqual(['001_a completed', '002_b completed'])
})
