import { sha256Hex, TidemarkError } from '@tidemark/core'
import {
  createTestDatabase,
  listNamedInPublic,
  shadowCatalog,
  type TestDatabase,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attempt, createFirstLayout, createTables, entry, manifestOf, record } from '../../test/index.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { queryStatus } from './query-status.ts'
import { writeStatusQuery } from './status-query.ts'

let database: TestDatabase
let pool: pg.Pool

beforeEach(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1 })
  pool.on('error', () => undefined)
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

/** The status with its sets as lists. */
async function statusOf(manifest: Manifest, schema = 'public') {
  const found = await queryStatus(pool, writeStatusQuery(manifest, schema), manifest)
  return {
    pending: [...found.pending],
    failed: [...found.failed],
    changed: [...found.changed],
    ahead: found.ahead,
  }
}

const nothing = { pending: [], failed: [], changed: [], ahead: [] }
const old = sha256Hex('old text')

test('everything is pending before the tables exist', async () => {
  expect(await statusOf(manifestOf(entry('001_a'), entry('002_b')))).toEqual({
    ...nothing,
    pending: ['001_a', '002_b'],
  })
})

test('everything is pending before the schema of the tables exists', async () => {
  expect(await statusOf(manifestOf(entry('001_a')), 'tide"mark')).toEqual({ ...nothing, pending: ['001_a'] })
})

test('for an empty manifest nothing is pending', async () => {
  await createTables(database)
  expect(await statusOf(manifestOf())).toEqual(nothing)
})

test('what is not completed is pending, and failed when its last attempt forward failed', async () => {
  await createTables(database)
  await record(database, '001_done')
  await record(database, '002_failed', { status: 'failed', direction: 'up' })
  await record(database, '003_running', { status: 'running', direction: 'up' })
  await record(database, '004_back', { status: 'rolled_back' })
  await record(database, '005_pending', { status: 'pending' })
  await record(database, '006_down_failed', { status: 'failed', direction: 'down' })
  const ids = [
    '001_done',
    '002_failed',
    '003_running',
    '004_back',
    '005_pending',
    '006_down_failed',
    '007_unseen',
  ]
  const found = await statusOf(manifestOf(...ids.map((id) => entry(id))))
  expect({ ...found, pending: found.pending.sort() }).toEqual({
    ...nothing,
    pending: ids.slice(1),
    failed: ['002_failed'],
  })
})

test('a table of the first layout, with eleven columns, is read', async () => {
  await createFirstLayout(database)
  await database.query(
    `INSERT INTO schema_migrations (id, name, migration_type, up_sql, status, checksum)
     VALUES ('001_a', 'a', 'custom_sql', '', 'completed', $1)`,
    [sha256Hex('001_a')],
  )
  expect(await statusOf(manifestOf(entry('001_a'), entry('002_b', { run: 'on_change' })))).toEqual({
    ...nothing,
    pending: ['002_b'],
  })
})

test('a completed migration with another text is changed, and not pending', async () => {
  await createTables(database)
  await record(database, '001_a', { checksum: old })
  expect(await statusOf(manifestOf(entry('001_a')))).toEqual({ ...nothing, changed: ['001_a'] })
})

test('completed migrations that the manifest does not know put the database ahead', async () => {
  await createTables(database)
  await record(database, '001_a')
  await record(database, '002_new')
  await record(database, '003_unapplied', { status: 'pending' })
  expect(await statusOf(manifestOf(entry('001_a')))).toEqual({ ...nothing, ahead: ['002_new'] })
})

test('an unknown migration that is partly rolled back still puts the database ahead, and is required by nobody', async () => {
  await createTables(database)
  await record(database, '001_a')
  await record(database, '002_half', { status: 'failed', direction: 'down' })
  await record(database, '003_going', { status: 'running', direction: 'down' })
  await record(database, '004_failed', { status: 'failed', direction: 'up' })
  expect(await statusOf(manifestOf(entry('001_a')))).toEqual({ ...nothing, ahead: ['002_half', '003_going'] })
})

test('a completed squash counts as its replaced ids, also where those never ran', async () => {
  await createTables(database)
  await record(database, '010_squash', { header: { replaces: ['001_a', '002_b'] } })
  expect(await statusOf(manifestOf(entry('001_a'), entry('002_b')))).toEqual(nothing)
})

test('replaced ids that were set aside count by the squash that replaces them, through squashes of squashes', async () => {
  await createTables(database)
  await record(database, '001_a', { header: { replaced_by: '010_squash' } })
  await record(database, '010_squash', { header: { replaces: ['001_a'], replaced_by: '020_squash' } })
  await record(database, '020_squash', { header: { replaces: ['010_squash'] } })
  expect(await statusOf(manifestOf(entry('001_a')))).toEqual(nothing)
  await record(database, '020_squash', { status: 'rolled_back', header: { replaces: ['010_squash'] } })
  expect(await statusOf(manifestOf(entry('001_a')))).toEqual({ ...nothing, pending: ['001_a'] })
})

test('a squash that is not recorded yet counts once all that it replaces is completed', async () => {
  await createTables(database)
  const manifest = manifestOf(entry('010_squash', { replaces: ['001_a', '002_b'] }))
  await record(database, '001_a')
  expect(await statusOf(manifest)).toEqual({ ...nothing, pending: ['010_squash'] })
  await record(database, '002_b')
  expect(await statusOf(manifest)).toEqual(nothing)
})

test('an on_change migration counts by its checksum', async () => {
  await createTables(database)
  const manifest = manifestOf(entry('views', { run: 'on_change' }))
  await record(database, 'views', { checksum: old })
  await attempt(database, 'views', 'completed', old)
  expect(await statusOf(manifest)).toEqual({ ...nothing, pending: ['views'] })
  await record(database, 'views')
  expect(await statusOf(manifest)).toEqual(nothing)
})

test.each(['completed', 'running', 'failed'] as const)(
  'an older on_change text counts while a later one is %s, as the history records',
  async (status) => {
    await createTables(database)
    const manifest = manifestOf(entry('views', { run: 'on_change', checksum: old }))
    await record(database, 'views', { status, direction: 'up' })
    await attempt(database, 'views', 'completed', old)
    expect(await statusOf(manifest)).toEqual(nothing)
  },
)

test('an older on_change text counts as the row itself remembers it', async () => {
  await createTables(database)
  await record(database, 'views', { header: { earlier_checksums: [old] } })
  expect(await statusOf(manifestOf(entry('views', { run: 'on_change', checksum: old })))).toEqual(nothing)
})

test('an on_change text that is in force counts while a later one is failed, and not once all was set back', async () => {
  await createTables(database)
  const manifest = manifestOf(entry('views', { run: 'on_change', checksum: old }))
  const header = { earlier_checksums: [old] }
  await record(database, 'views', {
    status: 'failed',
    direction: 'up',
    header: { ...header, in_force: { checksum: sha256Hex('views') } },
  })
  expect(await statusOf(manifest)).toEqual(nothing)
  await record(database, 'views', { status: 'failed', direction: 'up', header })
  expect(await statusOf(manifest)).toEqual({ ...nothing, pending: ['views'], failed: ['views'] })
  await attempt(database, 'views', 'completed', old)
  await attempt(database, 'views', 'pending', old)
  expect(await statusOf(manifest)).toEqual({ ...nothing, pending: ['views'], failed: ['views'] })
})

test('an on_change text that was rolled back since is pending', async () => {
  await createTables(database)
  const manifest = manifestOf(entry('views', { run: 'on_change', checksum: old }))
  await record(database, 'views', { status: 'rolled_back' })
  await attempt(database, 'views', 'completed', old)
  await attempt(database, 'views', 'rolled_back', old)
  expect(await statusOf(manifest)).toEqual({ ...nothing, pending: ['views'] })
  await record(database, 'views')
  await attempt(database, 'views', 'completed', sha256Hex('views'))
  expect(await statusOf(manifest)).toEqual({ ...nothing, pending: ['views'] })
})

test("another tool's table, a missing privilege, hidden rows and a server that is gone each have their code", async () => {
  const manifest = manifestOf(entry('001_a'))
  const codeOf = (url = database.url) =>
    queryWith(url, manifest).then(
      () => 'answered',
      (error: unknown) => (error instanceof TidemarkError ? error.code : error),
    )
  await database.query('CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean)')
  expect(await codeOf()).toBe('TM3001')
  await database.query('DROP TABLE schema_migrations')
  await createTables(database)
  const role = `reader_${database.name}`
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reader'`)
  const url = new URL(database.url)
  url.username = role
  url.password = 'reader'
  expect(await codeOf(url.href)).toBe('TM3005')
  await database.query(
    `GRANT SELECT ON schema_migrations TO ${role}; ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY`,
  )
  expect(await codeOf(url.href)).toBe('TM3004')
  await database.query('CREATE POLICY tidemark_read ON schema_migrations FOR SELECT USING (true)')
  expect(await codeOf(url.href)).toBe('answered')
  await database.query("CREATE POLICY narrow ON schema_migrations AS RESTRICTIVE USING (id <> '001_a')")
  expect(await codeOf(url.href)).toBe('TM3004')
  await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  expect(await codeOf('postgres://127.0.0.1:1/none')).toBe('TM5090')
})

test('the query runs in a read-only transaction and takes no lock beyond a reader', async () => {
  await createTables(database)
  await record(database, '001_a')
  const manifest = manifestOf(entry('001_a'), entry('views', { run: 'on_change' }))
  const { text, values } = writeStatusQuery(manifest, 'public')
  const client = await pool.connect()
  try {
    await client.query('BEGIN READ ONLY')
    const { rows } = await client.query(text, [...values])
    expect(rows).toEqual([{ id: 'views', state: 'pending' }])
    const locks = await client.query(
      'SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL',
    )
    expect(locks.rows).toEqual([{ mode: 'AccessShareLock' }])
    await client.query('COMMIT')
  } finally {
    client.release()
  }
})

async function queryWith(url: string, manifest: Manifest) {
  const other = new pg.Pool({ connectionString: url, max: 1 })
  try {
    return await queryStatus(other, writeStatusQuery(manifest, 'public'), manifest)
  } finally {
    await other.end()
  }
}

test.each([
  ['schema_migrations', manifestOf(entry('001_done'))],
  ['migration_history', manifestOf(entry('001_done', { run: 'on_change' }))],
])('a view in the place of %s is refused, and none of its functions runs', async (table, manifest) => {
  await createTables(database)
  await record(database, '001_done', { checksum: old })
  await database.query(`CREATE FUNCTION public.ran() RETURNS text IMMUTABLE LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_catalog.pg_advisory_lock(4711); RETURN '001_done'; END $$;
    ALTER TABLE ${table} RENAME TO other;
    CREATE VIEW ${table} AS SELECT * FROM other WHERE public.ran() = '001_done'`)
  await expect(statusOf(manifest)).rejects.toMatchObject({
    code: 'TM3001',
    message: 'the tracking tables of schema "public" are not tables: another object has the name',
  })
  expect(await database.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")).toEqual(
    [],
  )
})

test('nothing in the search_path of the application takes the place of what the query means', async () => {
  await createTables(database)
  await record(database, '001_done')
  await record(database, '002_again', {
    checksum: old,
    header: { run: 'on_change', earlier_checksums: [old] },
  })
  await record(database, '004_all', { header: { replaces: ['001_done'] } })
  await record(database, '005_failed', { status: 'failed', direction: 'up' })
  const manifest = manifestOf(
    entry('001_done'),
    entry('002_again', { run: 'on_change' }),
    entry('003_new', { replaces: ['001_done'] }),
    entry('005_failed'),
  )
  const before = await statusOf(manifest)
  await shadowCatalog(database)
  await pool.query('SET search_path = public, pg_catalog')
  expect(await statusOf(manifest)).toEqual(before)
  // What is not evaluated for these rows either.
  const { text, values } = writeStatusQuery(manifest, 'public')
  const query = text.replaceAll(/\$(\d)/g, (_, place) => pg.escapeLiteral(values[Number(place) - 1] ?? ''))
  expect(await listNamedInPublic(database, query)).toEqual([])
})
