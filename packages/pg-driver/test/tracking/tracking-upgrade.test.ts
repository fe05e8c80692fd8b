import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectToServer } from '../../src/connection/connect.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { execute } from '../../src/statement/compiled-statement.ts'
import { createTrackingStore } from '../../src/tracking/read/tracking-store.ts'
import { prepareTracking } from '../../src/tracking/write/prepare-tracking.ts'
import { recordAppliedStatement, recordRolledBackStatement } from '../../src/tracking/write/record.ts'
import { summaryStatement } from '../../src/tracking/write/summary.ts'
import { testMigration, testRun } from '../support/test-migration.ts'

const first = testMigration('001_first', '-- @up\nSELECT 1;\n')
const second = testMigration('002_second', '-- Depends on: [001_first]\n-- @up\nSELECT 2;\n')
const run = testRun(1)

let server: TestServer
let database: TestDatabase
let connection: Connection
let schema: string
let count = 0

// A role of API keys is made here, and roles are of a whole server: so not on the one that all tests share.
beforeAll(async () => {
  server = await startServer()
  database = await createTestDatabase({ server })
  connection = await connectToServer({ url: database.url, applicationName: 'upgrade', timeoutMs: 10_000 })
}, 60_000)
beforeEach(async () => {
  count += 1
  schema = `old${count}`
  await connection.query(`CREATE SCHEMA ${schema}`)
})
afterAll(async () => {
  await connection.close()
  await server.remove()
})

const prepare = () => prepareTracking(connection, { schema, readers: [], migrations: [first, second], run })

/** The eleven columns of the first layout, its rows applied by hand. */
async function createElevenColumns(enums: 'enums' | 'texts'): Promise<void> {
  const [type, status] =
    enums === 'enums'
      ? [`${schema}.migration_type`, `${schema}.migration_status`]
      : ['varchar(50)', 'varchar(20)']
  if (enums === 'enums') {
    await connection.query(`CREATE TYPE ${type} AS ENUM ('create_table', 'alter_table', 'drop_table', 'create_index',
      'drop_index', 'insert_data', 'update_data', 'delete_data', 'custom_sql')`)
    await connection.query(
      `CREATE TYPE ${status} AS ENUM ('pending', 'running', 'completed', 'failed', 'rolled_back')`,
    )
  }
  await connection.query(`CREATE TABLE ${schema}.schema_migrations (
    id varchar(255) PRIMARY KEY, name varchar(255) NOT NULL, description text, migration_type ${type} NOT NULL,
    up_sql text NOT NULL, down_sql text, depends_on text[] NOT NULL DEFAULT '{}', status ${status} NOT NULL DEFAULT 'pending',
    applied_at timestamptz, execution_time_ms integer, checksum varchar(64) NOT NULL, error_message text)`)
  await connection.query(`INSERT INTO ${schema}.schema_migrations VALUES
    ('001_first', 'first', 'The first', 'custom_sql', 'SELECT 1;', 'SELECT -1;', '{}', 'completed', '2024-05-06T07:08:09Z', 3, '${'ab'.repeat(32)}', NULL),
    ('000_gone', 'gone', NULL, 'create_table', 'SELECT 0;', NULL, '{}', 'failed', NULL, NULL, '${'cd'.repeat(32)}', 'it broke')`)
}

describe('tables of an older layout', () => {
  test.each(['enums', 'texts'] as const)(
    'eleven columns with %s are readable before they are upgraded',
    async (enums) => {
      await createElevenColumns(enums)
      const store = createTrackingStore(connection, schema)
      const history = await store.readHistory()
      expect(history).toEqual({
        kind: 'present',
        rows: [
          expect.objectContaining({
            id: '000_gone',
            status: 'failed',
            reversible: false,
            errorMessage: 'it broke',
            header: null,
          }),
          {
            id: '001_first',
            status: 'completed',
            checksum: 'ab'.repeat(32),
            type: 'custom_sql',
            dependsOn: [],
            header: null,
            replacedBy: null,
            reversible: true,
            appliedAt: new Date('2024-05-06T07:08:09Z'),
            executionTimeMs: 3,
            errorMessage: null,
            direction: null,
            statementsDone: null,
            runId: null,
            lastAppliedAt: null,
            earlierChecksums: [],
          },
        ],
      })
      expect((await store.readStored(['001_first'])).get('001_first')).toEqual({
        id: '001_first',
        checksum: 'ab'.repeat(32),
        upSql: 'SELECT 1;',
        downSql: 'SELECT -1;',
        verifySql: null,
        header: { ...first.header, description: 'The first' },
      })
      expect(await store.listAttempts({})).toEqual([])
    },
  )

  test.each(['enums', 'texts'] as const)(
    'eleven columns with %s are upgraded in place and nothing is dropped',
    async (enums) => {
      await createElevenColumns(enums)
      const before = await database.query(
        `SELECT id, up_sql, checksum, status::text, applied_at FROM ${schema}.schema_migrations ORDER BY id`,
      )
      expect((await prepare()).changed).toBe(true)
      const after = await database.query(
        `SELECT id, up_sql, checksum, status::text, applied_at FROM ${schema}.schema_migrations WHERE id <> '002_second' ORDER BY id`,
      )
      expect(after).toEqual(before)
      expect(
        await database.query(
          `SELECT migration_id, status::text, direction, executed_by, checksum FROM ${schema}.migration_history ORDER BY 1`,
        ),
      ).toEqual([
        {
          migration_id: '000_gone',
          status: 'failed',
          direction: 'baseline',
          executed_by: '(upgrade)',
          checksum: 'cd'.repeat(32),
        },
        {
          migration_id: '001_first',
          status: 'completed',
          direction: 'baseline',
          executed_by: '(upgrade)',
          checksum: 'ab'.repeat(32),
        },
      ])
      await connection.query(
        `UPDATE ${schema}.schema_migrations SET status = 'pending' WHERE id = '001_first'`,
      )
      await prepare()
      const transaction = { kind: 'none', executionTimeMs: 1 } as const
      await execute(connection, recordAppliedStatement(schema, { migration: first, run, transaction }))
      await execute(connection, recordAppliedStatement(schema, { migration: second, run, transaction }))
      await execute(connection, summaryStatement(schema))
      expect(await prepare()).toMatchObject({ changed: false })
      expect(await database.query(`SELECT applied_migrations FROM ${schema}.database_schema`)).toEqual([
        { applied_migrations: ['001_first', '002_second'] },
      ])
    },
  )

  /** What layout 1 looks like: the attempts have no numbers. */
  const makeLayout1 = () =>
    connection.query(`ALTER TABLE ${schema}.migration_history DROP COLUMN sequence;
      ALTER TABLE ${schema}.database_schema DROP COLUMN sequence, DROP COLUMN idle;
      COMMENT ON TABLE ${schema}.schema_migrations IS 'Tidemark: one row per known migration. Layout 1.'`)

  test('attempts of layout 1 are numbered by their times, and read before that in the same order', async () => {
    await prepare()
    const transaction = { kind: 'none', executionTimeMs: 1 } as const
    await execute(connection, recordAppliedStatement(schema, { migration: first, run, transaction }))
    await execute(connection, recordAppliedStatement(schema, { migration: second, run, transaction }))
    await connection.query(
      `UPDATE ${schema}.migration_history SET executed_at = executed_at - interval '1 day' WHERE migration_id = '002_second'`,
    )
    await makeLayout1()
    const store = createTrackingStore(connection, schema)
    const list = async () =>
      (await store.listAttempts({})).map(({ migrationId, sequence }) => [sequence, migrationId])
    const expected = [
      [2, '001_first'],
      [1, '002_second'],
    ]
    expect(await list()).toEqual(expected)
    expect(await store.readIdleRun()).toBeNull()
    await prepare()
    expect(await list()).toEqual(expected)
    await execute(connection, recordRolledBackStatement(schema, { id: '002_second', run, transaction }))
    expect((await list())[0]).toEqual([3, '002_second'])
    expect(
      await database.query(
        `SELECT migration_id FROM ${schema}.migration_history WHERE executed_by = '(upgrade)'`,
      ),
    ).toEqual([])
    expect((await prepare()).changed).toBe(false)
    const [comment] = await database.query(
      `SELECT obj_description('${schema}.schema_migrations'::regclass) AS comment`,
    )
    expect(comment).toEqual({ comment: 'Tidemark: one row per known migration. Layout 2.' })
  })

  test('an edit by hand in layout 1 is still one by hand after the upgrade', async () => {
    await prepare()
    await makeLayout1()
    await connection.query(
      `UPDATE ${schema}.schema_migrations SET status = 'completed' WHERE id = '001_first'`,
    )
    await prepare()
    expect(
      await database.query(`SELECT migration_id, direction, executed_by FROM ${schema}.migration_history`),
    ).toEqual([{ migration_id: '001_first', direction: 'mark', executed_by: '(by hand)' }])
  })

  test('the first eleven columns are numbered by the time of applying', async () => {
    await createElevenColumns('texts')
    await connection.query(`INSERT INTO ${schema}.schema_migrations SELECT '000_later', 'later', NULL, 'custom_sql', 'SELECT 2;', NULL, '{}',
      'completed', '2025-01-01', 1, '${'ef'.repeat(32)}', NULL`)
    await prepare()
    expect(
      await database.query(
        `SELECT migration_id, sequence::int FROM ${schema}.migration_history ORDER BY sequence`,
      ),
    ).toEqual([
      { migration_id: '001_first', sequence: 1 },
      { migration_id: '000_later', sequence: 2 },
      { migration_id: '000_gone', sequence: 3 },
    ])
  })

  test('no role holds a privilege on the sequence, whatever the default privileges of the database say', async () => {
    await connection.query(`CREATE ROLE anon;
      ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO anon, PUBLIC`)
    try {
      const privileges = async () =>
        database.query(`SELECT g.privilege_type FROM pg_class c, aclexplode(c.relacl) g
          WHERE c.relkind = 'S' AND c.relnamespace = '${schema}'::regnamespace AND g.grantee <> c.relowner`)
      await prepare()
      expect(await privileges()).toEqual([])
      await makeLayout1()
      await prepare()
      expect(await privileges()).toEqual([])
      await connection.query(`GRANT USAGE ON SEQUENCE ${schema}.migration_history_sequence_seq TO anon`)
      await prepare()
      expect(await privileges()).toEqual([])
      expect((await prepare()).changed).toBe(false)
    } finally {
      await connection.query(
        'ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM anon, PUBLIC; DROP OWNED BY anon; DROP ROLE anon',
      )
    }
  })

  test('a summary table of several rows keeps the latest', async () => {
    await prepare()
    await connection.query(`DROP INDEX ${schema}.database_schema_one_row_idx`)
    await connection.query(
      `INSERT INTO ${schema}.database_schema (version, updated_at) VALUES ('old', '2020-01-01'), ('new', '2021-01-01')`,
    )
    await prepare()
    expect(await database.query(`SELECT version FROM ${schema}.database_schema`)).toEqual([
      { version: 'new' },
    ])
  })

  test('a column or policy that someone removed is put back', async () => {
    const secured = { schema, readers: [], rowSecurity: 'always', migrations: [first, second], run } as const
    await prepareTracking(connection, secured)
    await connection.query(`ALTER TABLE ${schema}.migration_history DROP COLUMN details`)
    await connection.query(`ALTER TABLE ${schema}.database_schema DISABLE ROW LEVEL SECURITY`)
    await prepareTracking(connection, secured)
    expect(
      await database.query(
        'SELECT relname::text FROM pg_class WHERE relrowsecurity AND relnamespace = $1::regnamespace ORDER BY 1',
        [schema],
      ),
    ).toEqual([
      { relname: 'database_schema' },
      { relname: 'migration_history' },
      { relname: 'schema_migrations' },
    ])
    expect((await createTrackingStore(connection, schema).readHistory()).kind).toBe('present')
    expect(await prepareTracking(connection, secured)).toMatchObject({ changed: false })
  })

  test('a newer layout is TM3003 for readers and for runners', async () => {
    await prepare()
    await connection.query(
      `COMMENT ON TABLE ${schema}.schema_migrations IS 'Tidemark: one row per known migration. Layout 3.'`,
    )
    const refusal = {
      code: 'TM3003',
      message: `the tracking tables in schema "${schema}" have layout 3; this version of Tidemark knows layout 2`,
    }
    await expect(createTrackingStore(connection, schema).readHistory()).rejects.toMatchObject(refusal)
    await expect(prepare()).rejects.toMatchObject(refusal)
  })
})

describe('names that something else has taken', () => {
  test.each([
    ['Rails or dbmate', 'version varchar PRIMARY KEY'],
    ['golang-migrate', 'version bigint PRIMARY KEY, dirty boolean NOT NULL'],
    ['Ecto', 'version bigint PRIMARY KEY, inserted_at timestamp(0)'],
    ['the Supabase CLI', 'version text PRIMARY KEY, statements text[], name text'],
    ['another tool', 'id varchar PRIMARY KEY, hash text'],
  ])('a schema_migrations of %s is TM3001 and is left as it is', async (owner, columns) => {
    await connection.query(`CREATE TABLE ${schema}.schema_migrations (${columns})`)
    const refusal = {
      code: 'TM3001',
      message: expect.stringContaining(
        `"${schema}"."schema_migrations" belongs to ${owner}: its columns are `,
      ),
      help: expect.stringContaining('--schema tidemark'),
    }
    await expect(createTrackingStore(connection, schema).readHistory()).rejects.toMatchObject(refusal)
    await expect(prepare()).rejects.toMatchObject(refusal)
    expect(
      await database.query(
        'SELECT relname::text FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = $2',
        [schema, 'r'],
      ),
    ).toEqual([{ relname: 'schema_migrations' }])
  })

  test.each(['migration_history', 'database_schema'])('a foreign %s is TM3001', async (table) => {
    await connection.query(`CREATE TABLE ${schema}.${table} (other int)`)
    await expect(prepare()).rejects.toMatchObject({
      code: 'TM3001',
      message: `"${schema}"."${table}" belongs to something else: its columns are other`,
    })
  })

  test('a view of that name is TM3001', async () => {
    await connection.query(`CREATE VIEW ${schema}.schema_migrations AS SELECT 1 AS version`)
    await expect(prepare()).rejects.toMatchObject({ code: 'TM3001' })
  })

  test.each([
    [`CREATE TYPE $S.migration_status AS ENUM ('up', 'down')`, 'migration_status', 'an enum of up, down'],
    ['CREATE DOMAIN $S.migration_type AS text', 'migration_type', 'no enum'],
    ['CREATE TYPE $S.migration_type AS ENUM ()', 'migration_type', 'an enum of no labels'],
  ])('%s is TM3002 and nothing is created', async (statement, type, found) => {
    await connection.query(statement.replaceAll('$S', schema))
    await expect(prepare()).rejects.toMatchObject({
      code: 'TM3002',
      message: `the type "${schema}"."${type}" is not Tidemark's: it is ${found}`,
    })
    expect(
      await database.query(
        "SELECT relname::text FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'",
        [schema],
      ),
    ).toEqual([])
  })
})
