import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectToServer } from '../../src/connection/connect.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { lockKey } from '../../src/lock/lock-key.ts'
import { execute } from '../../src/statement/compiled-statement.ts'
import { createTrackingStore } from '../../src/tracking/read/tracking-store.ts'
import { preconditionStatement, readPreconditionFailure } from '../../src/tracking/write/precondition.ts'
import { prepareTracking } from '../../src/tracking/write/prepare-tracking.ts'
import { recordAppliedStatement } from '../../src/tracking/write/record.ts'
import { summaryStatement } from '../../src/tracking/write/summary.ts'
import { testMigration, testRun } from '../support/test-migration.ts'

const TABLES = ['schema_migrations', 'migration_history', 'database_schema']
const migration = testMigration('001_a', '-- @up\nSELECT 1;\n')
const run = testRun(1)

let server: TestServer
let database: TestDatabase
let schema: string
let count = 0

// Roles are of a whole server, and the names of those of Supabase are ours to know everywhere: so not on the
// server that all tests share.
beforeAll(async () => {
  server = await startServer()
  database = await createTestDatabase({ server })
}, 60_000)
beforeEach(() => {
  count += 1
  schema = `s${count}`
})
afterAll(() => server.remove())

/** Creates a role and gives its name. */
async function createRole(name: string, attributes = ''): Promise<string> {
  const role = `tm_${name}`
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' ${attributes}`)
  return role
}

async function withConnection<T>(
  role: string | undefined,
  work: (connection: Connection) => Promise<T>,
  startupOptions?: string,
): Promise<T> {
  const url = new URL(database.url)
  if (role !== undefined) Object.assign(url, { username: role, password: 'secret' })
  const connection = await connectToServer({
    url: url.href,
    applicationName: 'tracking privileges',
    timeoutMs: 10_000,
    ...(startupOptions === undefined ? {} : { startupOptions }),
  })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

async function prepare(role?: string, readers: readonly string[] = []) {
  return withConnection(role, async (connection) => {
    const prepared = await prepareTracking(connection, { schema, readers, migrations: [migration], run })
    await execute(connection, summaryStatement(schema))
    return prepared
  })
}

async function refusalOf(role: string, statement: string): Promise<unknown> {
  return withConnection(role, (connection) =>
    connection.query(statement).then(
      (answer) => answer.tag,
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    ),
  )
}

describe('closed to API keys by privilege', () => {
  test('everything is refused to anon, authenticated, service_role and PUBLIC under Supabase-like default privileges', async () => {
    const api = ['anon', 'authenticated', 'service_role']
    for (const role of api)
      await database.query(`CREATE ROLE ${role} NOLOGIN ${role === 'service_role' ? 'BYPASSRLS' : ''}`)
    await database.query(`CREATE SCHEMA ${schema}; GRANT USAGE ON SCHEMA ${schema} TO ${api.join(', ')};
        ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT ALL ON TABLES TO ${api.join(', ')}, PUBLIC`)
    await prepare()
    const held = `SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
        WHERE table_schema = '${schema}' AND grantee IN ('PUBLIC', 'anon', 'authenticated', 'service_role')`
    expect(await database.query(held)).toEqual([])
    for (const role of api) {
      for (const table of TABLES) {
        for (const statement of [
          `SELECT * FROM ${schema}.${table}`,
          `DELETE FROM ${schema}.${table}`,
          `INSERT INTO ${schema}.${table} DEFAULT VALUES`,
        ]) {
          await expect(database.query(`SET ROLE ${role}; ${statement}`)).rejects.toMatchObject({
            code: '42501',
          })
        }
      }
    }
    await database.query(`GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO service_role`)
    await prepare()
    expect(await database.query(held)).toEqual([])
  })

  test('row level security is on, not forced, with one policy FOR SELECT USING (true)', async () => {
    await prepare()
    expect(
      await database.query(
        `SELECT c.relname::text AS table, c.relrowsecurity AS on, c.relforcerowsecurity AS forced,
           p.polname::text AS policy, p.polcmd::text AS command, pg_get_expr(p.polqual, p.polrelid) AS using
         FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
         WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' ORDER BY c.relname`,
        [schema],
      ),
    ).toEqual(
      [...TABLES].sort().map((table) => ({
        table,
        on: true,
        forced: false,
        policy: 'tidemark_read',
        command: 'r',
        using: 'true',
      })),
    )
  })

  test('a run that finds nothing open does not touch privileges, and preparing twice changes nothing', async () => {
    const reader = await createRole('again')
    expect(await prepare(undefined, [reader])).toMatchObject({ changed: true })
    const before = await database.query('SELECT xmin::text, relname FROM pg_class ORDER BY oid')
    expect(await prepare(undefined, [reader])).toMatchObject({ changed: false })
    const after = await database.query('SELECT xmin::text, relname FROM pg_class ORDER BY oid')
    expect(after).toEqual(before)
  })
})

describe('readers', () => {
  test('a reader has USAGE and SELECT: it reads the history and may not write', async () => {
    const reader = await createRole('reader')
    await prepare(undefined, [reader])
    const history = await withConnection(reader, async (connection) => {
      const store = createTrackingStore(connection, schema)
      expect(await store.listAttempts({})).toEqual([])
      expect([...(await store.readStored(['001_a'])).keys()]).toEqual(['001_a'])
      return store.readHistory()
    })
    expect(history).toMatchObject({ kind: 'present', rows: [{ id: '001_a', status: 'pending' }] })
    for (const statement of [
      `UPDATE ${schema}.schema_migrations SET status = 'completed'`,
      `DELETE FROM ${schema}.migration_history`,
      `INSERT INTO ${schema}.database_schema (version) VALUES ('x')`,
    ]) {
      expect(await refusalOf(reader, statement)).toBe('42501')
    }
  })

  test('a reader that is named later is granted by the next run', async () => {
    await prepare()
    const late = await createRole('late "x'.replaceAll(/[^a-z]/g, '_'))
    await expect(
      withConnection(late, (c) => createTrackingStore(c, schema).readHistory()),
    ).rejects.toMatchObject({
      code: 'TM3005',
      details: { schema, sqlState: '42501' },
    })
    await prepare(undefined, [late])
    expect(await withConnection(late, (c) => createTrackingStore(c, schema).readHistory())).toMatchObject({
      kind: 'present',
    })
  })

  test('a reader that does not exist is TM3007, and nothing is created', async () => {
    await expect(prepare(undefined, ['no such role'])).rejects.toMatchObject({
      code: 'TM3007',
      message: 'the role "no such role" in "readers" does not exist',
    })
    expect(await database.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])).toEqual([])
  })

  test('a reader whom row security hides rows from is told TM3004, never an empty result', async () => {
    const reader = await createRole('blind')
    await prepare(undefined, [reader])
    const read = () => withConnection(reader, (c) => createTrackingStore(c, schema).readHistory())
    await database.query(`DROP POLICY tidemark_read ON ${schema}.schema_migrations`)
    await expect(read()).rejects.toMatchObject({
      code: 'TM3004',
      message: `row level security hides rows of "${schema}"."schema_migrations" from this role`,
    })
    await prepare(undefined, [reader])
    expect(await read()).toMatchObject({ kind: 'present', rows: [{ id: '001_a' }] })
    await database.query(
      `CREATE POLICY few ON ${schema}.schema_migrations AS RESTRICTIVE FOR SELECT USING (id = 'x')`,
    )
    await expect(read()).rejects.toMatchObject({ code: 'TM3004' })
    await database.query(
      `DROP POLICY few ON ${schema}.schema_migrations; DROP POLICY tidemark_read ON ${schema}.migration_history`,
    )
    await expect(
      withConnection(reader, (c) => createTrackingStore(c, schema).listAttempts({})),
    ).rejects.toMatchObject({ code: 'TM3004' })
  })
})

describe('who runs and who only reads', () => {
  test('a runner that is no superuser creates the tables in its own schema, applies and records', async () => {
    const owner = await createRole('owner', 'NOSUPERUSER NOINHERIT')
    await database.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${owner}`)
    await prepare(owner)
    await withConnection(owner, async (connection) => {
      const transaction = { kind: 'none', executionTimeMs: 1 } as const
      await execute(connection, recordAppliedStatement(schema, { migration, run, transaction }))
    })
    expect(await prepare(owner)).toMatchObject({
      history: { rows: [{ status: 'completed' }] },
      changed: false,
    })
  })

  test('a runner without CREATE is told TM3005 and nothing is there', async () => {
    const stranger = await createRole('stranger')
    await expect(prepare(stranger)).rejects.toMatchObject({ code: 'TM3005' })
    expect(await database.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])).toEqual([])
  })

  test('a runner that may write but does not own the tables is refused, not ignored', async () => {
    await prepare()
    const writer = await createRole('writer')
    await database.query(
      `GRANT USAGE ON SCHEMA ${schema} TO ${writer}; GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${writer}`,
    )
    const transaction = { kind: 'none', executionTimeMs: 1 } as const
    await expect(
      withConnection(writer, (c) =>
        execute(c, recordAppliedStatement(schema, { migration, run, transaction })),
      ),
    ).rejects.toThrow(/"TM row \d+"/)
  })

  test('I9: reading works in a read-only session and inside a read-only transaction, and changes nothing', async () => {
    await prepare()
    await withConnection(
      undefined,
      async (connection) => {
        expect(await createTrackingStore(connection, schema).readHistory()).toMatchObject({ kind: 'present' })
        expect(await createTrackingStore(connection, 'nowhere').readHistory()).toEqual({ kind: 'absent' })
        await connection.query('BEGIN READ ONLY')
        expect(await createTrackingStore(connection, schema).readHistory()).toMatchObject({ kind: 'present' })
        const assigned = await connection.query('SELECT pg_current_xact_id_if_assigned() IS NULL AS none')
        expect(assigned.rows).toEqual([{ none: true }])
        await connection.query('COMMIT')
      },
      '-c default_transaction_read_only=on',
    )
  })

  test('I1: a guard raises when another session holds the run lock of this schema, and of no other', async () => {
    await prepare()
    const key = lockKey(schema)
    const guard = (lock: string) =>
      preconditionStatement(schema, {
        id: migration.id,
        direction: 'up',
        lockKey: lock,
        runId: run.runId,
        after: [],
        rerun: 'refused',
      })
    await withConnection(undefined, (holder) =>
      withConnection(undefined, async (connection) => {
        await holder.query('SELECT pg_advisory_lock($1)', [key])
        const failure = await execute(connection, guard(key)).catch(readPreconditionFailure)
        expect(failure).toBe('lock')
        expect(await execute(connection, guard(lockKey('another schema')))).toEqual([
          { raised: null, xid: expect.stringMatching(/^\d+$/) },
        ])
      }),
    )
  })

  test('two schemas are prepared and written in parallel without waiting for each other', async () => {
    const schemas = ['left', 'right'].map((side) => `${schema} ${side}`)
    await Promise.all(
      schemas.map((name) =>
        withConnection(undefined, async (connection) => {
          await prepareTracking(connection, { schema: name, readers: [], migrations: [migration], run })
          const transaction = { kind: 'none', executionTimeMs: 1 } as const
          await execute(connection, recordAppliedStatement(name, { migration, run, transaction }))
          await execute(connection, summaryStatement(name))
        }),
      ),
    )
    for (const name of schemas) {
      expect(
        await database.query(
          `SELECT m.id, m.status, s.last_migration FROM "${name}".schema_migrations m, "${name}".database_schema s`,
        ),
      ).toEqual([{ id: '001_a', status: 'completed', last_migration: '001_a' }])
    }
  })
})
