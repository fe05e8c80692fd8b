import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectToServer } from '../../src/connection/connect.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { createTrackingStore } from '../../src/tracking/read/tracking-store.ts'
import { inspectTracking } from '../../src/tracking/schema/inspect.ts'
import { prepareTracking } from '../../src/tracking/write/prepare-tracking.ts'
import { testMigration, testRun } from '../support/test-migration.ts'

const migration = testMigration('001_a', '-- @up\nSELECT 1;\n')
const run = testRun(1)

let server: TestServer
let database: TestDatabase
let schema: string
let count = 0

// Roles are of a whole server: so not on the server that all tests share.
beforeAll(async () => {
  server = await startServer()
  database = await createTestDatabase({ server })
  await database.query(`CREATE ROLE stranger LOGIN PASSWORD 'secret'; CREATE ROLE deploy LOGIN PASSWORD 'secret';
    CREATE ROLE team; CREATE ROLE colleague LOGIN PASSWORD 'secret'; CREATE ROLE dba LOGIN CREATEROLE PASSWORD 'secret';
    GRANT team TO deploy, colleague`)
}, 60_000)
beforeEach(async () => {
  count += 1
  schema = `o${count}`
  await database.query(`CREATE SCHEMA ${schema}; GRANT ALL ON SCHEMA ${schema} TO PUBLIC`)
})
afterAll(() => server.remove())

async function withConnection<T>(
  role: string | undefined,
  work: (connection: Connection) => Promise<T>,
  url = database.url,
): Promise<T> {
  const target = new URL(url)
  if (role !== undefined) Object.assign(target, { username: role, password: 'secret' })
  const connection = await connectToServer({
    url: target.href,
    applicationName: 'owners',
    timeoutMs: 10_000,
  })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

const prepare = (role?: string, url?: string) =>
  withConnection(
    role,
    (connection) => prepareTracking(connection, { schema, readers: [], migrations: [migration], run }),
    url,
  )
const read = (role?: string) =>
  withConnection(role, (connection) => createTrackingStore(connection, schema).readHistory())

/** Everything in the schema, with the rows of every table. */
async function contents(): Promise<unknown> {
  return database.query(
    `SELECT c.relname::text, c.relowner::regrole::text, c.relacl::text, c.xmin::text,
       CASE WHEN c.relkind = 'r' THEN query_to_xml('SELECT * FROM ' || c.oid::regclass, true, false, '')::text END
     FROM pg_class c WHERE c.relnamespace = '${schema}'::regnamespace ORDER BY 1`,
  )
}

async function expectRefused(found: readonly string[], role?: string): Promise<void> {
  const before = await contents()
  await expect(prepare(role)).rejects.toMatchObject({ code: 'TM3008', details: { schema, found } })
  expect(await contents()).toEqual(before)
}

describe('objects that an untrusted role prepared are not written', () => {
  test('tables and types of another role, also for a superuser', async () => {
    await prepare('stranger')
    const found = [
      ...['database_schema', 'migration_history', 'schema_migrations'].map(
        (name) => `the table "${name}" belongs to "stranger"`,
      ),
      ...['migration_status', 'migration_type'].map((name) => `the type "${name}" belongs to "stranger"`),
    ]
    const refused = await prepare().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'TM3008' })
    expect(Reflect.get(Object(Reflect.get(Object(refused), 'details')), 'found').toSorted()).toEqual(found)
    await expect(prepare('deploy')).rejects.toMatchObject({ code: 'TM3008' })
  })

  test('one enum that waits for the first run', async () => {
    await database.query(`SET ROLE stranger; CREATE TYPE ${schema}.migration_status AS ENUM
      ('pending', 'running', 'completed', 'failed', 'rolled_back')`)
    await expectRefused(['the type "migration_status" belongs to "stranger"'], 'deploy')
  })

  test('a schema of another role', async () => {
    await database.query(`ALTER SCHEMA ${schema} OWNER TO stranger`)
    await expectRefused(['the schema belongs to "stranger"'], 'deploy')
  })

  test.each([
    ['trigger spy', 'CREATE TRIGGER spy BEFORE INSERT ON T FOR EACH ROW EXECUTE FUNCTION S.f()'],
    ['rule "No"', 'CREATE RULE "No" AS ON DELETE TO T DO INSTEAD NOTHING'],
    ['policy p', 'CREATE POLICY p ON T FOR INSERT WITH CHECK (S.g())'],
    ['policy p', 'CREATE POLICY p ON T AS RESTRICTIVE FOR UPDATE USING (id IS NULL)'],
    ['inheritance with child', 'CREATE TABLE S.child () INHERITS (T)'],
    [
      'inheritance with parent',
      'CREATE TABLE S.parent (id varchar(255) NOT NULL); ALTER TABLE T INHERIT S.parent',
    ],
    ['constraint c', 'ALTER TABLE T ADD CONSTRAINT c CHECK (S.g())'],
    [
      'constraint k',
      'CREATE TABLE S.keys (id varchar(255) PRIMARY KEY); ALTER TABLE T ADD CONSTRAINT k FOREIGN KEY (name) REFERENCES S.keys NOT VALID',
    ],
    ['index with a function, i', 'CREATE INDEX i ON T (S.h(up_sql))'],
    ['index with a function, i', "CREATE INDEX i ON T (id) WHERE S.h(up_sql) = 'x'"],
    ['generated column x', 'ALTER TABLE T ADD x int GENERATED ALWAYS AS (length(up_sql)) STORED'],
    ['generated column x', 'ALTER TABLE T ADD x bigint GENERATED ALWAYS AS IDENTITY'],
    ['foreign type of column error_message', 'ALTER TABLE T ALTER error_message TYPE S.d'],
    ['default of column error_message', 'ALTER TABLE T ALTER error_message SET DEFAULT S.h($$x$$)'],
    [
      'default of column error_message',
      "ALTER TABLE T ALTER error_message SET DEFAULT query_to_xml('select 1', true, false, '')::text",
    ],
    ['default of column created_at', 'ALTER TABLE T ALTER created_at SET DEFAULT S.now()'],
  ])('a %s on a table of our own', async (oddity, statement) => {
    await prepare()
    await database.query(`CREATE FUNCTION ${schema}.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE FUNCTION ${schema}.g() RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE FUNCTION ${schema}.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.now()';
      CREATE FUNCTION ${schema}.h(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';
      CREATE DOMAIN ${schema}.d AS text`)
    await database.query(
      statement.replaceAll(/\bT\b/g, `${schema}.schema_migrations`).replaceAll('S.', `${schema}.`),
    )
    await expectRefused([`the table "schema_migrations" has a ${oddity}`])
  })
})

describe('reading runs no code of others', () => {
  test.each(['IMMUTABLE', 'VOLATILE'])(
    'of a view with a %s function in the place of the table',
    async (volatility) => {
      await prepare()
      await database.query(`CREATE SEQUENCE ${schema}.ran;
      CREATE FUNCTION ${schema}.evil() RETURNS text ${volatility} LANGUAGE plpgsql
        AS $$BEGIN PERFORM nextval('${schema}.ran'); RETURN '001_a'; END$$;
      ALTER TABLE ${schema}.schema_migrations RENAME TO other;
      CREATE VIEW ${schema}.schema_migrations AS SELECT ${schema}.evil()::varchar AS id, 'x'::text AS name, NULL::text AS description,
        'custom_sql'::${schema}.migration_type AS migration_type, ''::text AS up_sql, NULL::text AS down_sql, '{}'::text[] AS depends_on,
        'completed'::${schema}.migration_status AS status, now() AS applied_at, 1 AS execution_time_ms, 'x'::text AS checksum`)
      await expect(read()).rejects.toMatchObject({
        code: 'TM3008',
        message: `the tracking objects in schema "${schema}" cannot be trusted: reading "schema_migrations" would run code of other roles`,
      })
      await expect(prepare()).rejects.toMatchObject({ code: 'TM3001' })
      expect(await database.query(`SELECT is_called FROM ${schema}.ran`)).toEqual([{ is_called: false }])
    },
  )

  test('of a policy for a reader', async () => {
    await prepare()
    await database.query(`GRANT USAGE ON SCHEMA ${schema} TO colleague; GRANT SELECT ON ${schema}.schema_migrations TO colleague;
      ALTER TABLE ${schema}.schema_migrations ENABLE ROW LEVEL SECURITY;
      CREATE POLICY tidemark_read ON ${schema}.schema_migrations FOR SELECT USING (true);
      CREATE FUNCTION ${schema}.evil() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'ran'; END$$;
      CREATE POLICY p ON ${schema}.schema_migrations FOR SELECT USING (${schema}.evil())`)
    await expect(read('colleague')).rejects.toMatchObject({ code: 'TM3008' })
  })
})

describe('everyday layouts', () => {
  test('a group role owns everything, and each member may run', async () => {
    await database.query(`ALTER SCHEMA ${schema} OWNER TO team`)
    await withConnection('deploy', async (connection) => {
      await connection.query('SET ROLE team')
      await prepareTracking(connection, { schema, readers: [], migrations: [], run })
    })
    expect(await prepare('colleague')).toMatchObject({ changed: true })
  })

  test('tables made by another deploy role, of which this one is a member', async () => {
    await prepare('stranger')
    await database.query('GRANT stranger TO colleague')
    expect(await prepare('colleague')).toMatchObject({ changed: false })
    await database.query('REVOKE stranger FROM colleague')
  })

  test('a superuser made the tables, and they belong to the database’s owner for anyone', async () => {
    await prepare()
    const state = await withConnection('deploy', (connection) => inspectTracking(connection, schema, []))
    expect(state.tables.map(({ trusted, oddities }) => ({ trusted, oddities }))).toEqual(
      Array.from({ length: 3 }, () => ({ trusted: true, oddities: [] })),
    )
    expect(state.types.map(({ trusted }) => trusted)).toEqual([true, true])
  })

  test('the database’s owner is no superuser, its public schema is pg_database_owner’s, and a superuser runs later', async () => {
    const other = await createTestDatabase({ server })
    await other.query(`ALTER DATABASE "${new URL(other.url).pathname.slice(1)}" OWNER TO dba`)
    schema = 'public'
    expect(await prepare('dba', other.url)).toMatchObject({ changed: true })
    expect(await prepare(undefined, other.url)).toMatchObject({ changed: false })
  })

  test('an identity column that numbers the attempts is ours', async () => {
    await prepare()
    expect(
      await database.query(`SELECT identity_generation FROM information_schema.columns
      WHERE table_schema = '${schema}' AND table_name = 'migration_history' AND column_name = 'sequence'`),
    ).toEqual([{ identity_generation: 'ALWAYS' }])
    expect(await prepare()).toMatchObject({ changed: false })
  })
})

describe('privileges on columns', () => {
  test('are revoked from PUBLIC and API keys, with those that depend on them', async () => {
    await database.query('CREATE ROLE anon')
    await prepare()
    await database.query(`GRANT UPDATE (up_sql, down_sql) ON ${schema}.schema_migrations TO anon WITH GRANT OPTION;
      GRANT SELECT (id) ON ${schema}.migration_history TO PUBLIC`)
    await prepare()
    expect(
      await database.query(
        `SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = '${schema}'::regnamespace AND a.attacl::text NOT IN ('{}')`,
      ),
    ).toEqual([])
  })

  test('a reader of one column gets the table', async () => {
    await prepare()
    await database.query(`GRANT SELECT (id) ON ${schema}.schema_migrations TO colleague`)
    await withConnection(undefined, (connection) =>
      prepareTracking(connection, { schema, readers: ['colleague'], migrations: [], run }),
    )
    expect(await read('colleague')).toMatchObject({ kind: 'present' })
  })
})
