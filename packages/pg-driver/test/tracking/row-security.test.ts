import type { RunEvent } from '@tidemark/core'
import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/create-migration-runner.ts'
import { examineServer } from '../../src/database/examine-server.ts'
import type { RowSecurity } from '../../src/options/engine-settings.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

let server: TestServer
let database: TestDatabase
let folder: MigrationFolder

// Roles are of a whole server: none of API keys may exist but where a test creates them.
beforeAll(async () => {
  server = await startServer()
  const url = server.url()
  await query(url, "CREATE ROLE nightly LOGIN PASSWORD 'secret'; GRANT pg_read_all_data TO nightly")
}, 60_000)
beforeEach(async () => {
  database = await createTestDatabase({ server })
  folder = await createMigrationFolder({
    '001_a': '-- @up\nCREATE TABLE orders ();\n-- @down\nDROP TABLE orders;\n',
  })
})
afterEach(async () => {
  await folder.drop()
  await database.drop()
})
afterAll(() => server.remove())

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(text)
  } finally {
    await client.end()
  }
}

/** One run of `up`, and the notes that it gives. */
async function up(rowSecurity?: RowSecurity, url = database.url): Promise<readonly string[]> {
  const notes: string[] = []
  const onEvent = (event: RunEvent): void => {
    if (event.kind === 'note') notes.push(event.message)
  }
  await createMigrationRunner({ database: url, migrations: folder.path, rowSecurity }).runMigrations({
    onEvent,
  })
  return notes
}

const secured = async (): Promise<readonly unknown[]> =>
  (
    await database.query(
      "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY 1",
    )
  ).map(({ relname }) => relname)

const policies = () => database.query('SELECT FROM pg_policy')

/** What `pg_dump` does with each table, as a role that may read everything and has no BYPASSRLS. */
async function dump(): Promise<void> {
  const url = new URL(database.url)
  Object.assign(url, { username: 'nightly', password: 'secret' })
  for (const table of ALL) await query(url.href, `SET row_security = off; SELECT * FROM public.${table}`)
}

const ALL = ['database_schema', 'migration_history', 'schema_migrations']
const OFF = 'row level security on the tracking tables was turned off: no roles of API keys exist here'

test('without roles of API keys there is no row level security, and the nightly backup goes on', async () => {
  expect(await up()).toEqual([])
  expect(await secured()).toEqual([])
  await dump()
})

test('what an older version turned on is turned off by the next run, with a note and once', async () => {
  await up('always')
  expect(await secured()).toEqual(ALL)
  await expect(dump()).rejects.toMatchObject({ code: '42501' })
  expect(await up()).toEqual([OFF])
  expect(await secured()).toEqual([])
  expect(await policies()).toEqual([])
  await dump()
  expect(await up()).toEqual([])
})

test('a backup that reads the tables holds up no run: a later one turns it off', async () => {
  await up('always')
  const reader = new pg.Client({ connectionString: database.url })
  await reader.connect()
  await reader.query('BEGIN; SELECT FROM schema_migrations')
  expect(await up()).toEqual([])
  expect(await secured()).toEqual(ALL)
  await reader.end()
  expect(await up()).toEqual([OFF])
})

test('it stays where the configuration asks for it, and doctor says which is wanted', async () => {
  await up('always')
  expect(await up('always')).toEqual([])
  expect(await secured()).toEqual(ALL)
  const examined = (rowSecurity: RowSecurity) =>
    examineServer({ database: database.url, roles: [], rowSecurity })
  expect((await examined('always')).wantsRowSecurity).toBe(true)
  expect((await examined('auto')).wantsRowSecurity).toBe(false)
})

test('a writer that does not own the tables leaves it as it is', async () => {
  await up('always')
  await database.query(`CREATE ROLE writer LOGIN BYPASSRLS PASSWORD 'secret';
    GRANT SELECT, INSERT, UPDATE ON ${ALL.join(', ')} TO writer`)
  const url = new URL(database.url)
  Object.assign(url, { username: 'writer', password: 'secret' })
  expect(await up('auto', url.href)).toEqual([])
  expect(await secured()).toEqual(ALL)
  await database.query('DROP OWNED BY writer; DROP ROLE writer')
})

test.each(['anon', 'authenticated', 'service_role'])(
  'where "%s" exists it is on, unless it is never wanted',
  async (role) => {
    await database.query(`CREATE ROLE ${role}`)
    try {
      await up()
      expect(await secured()).toEqual(ALL)
      expect(await up('never')).toEqual([
        'row level security on the tracking tables was turned off: rowSecurity is "never"',
      ])
      expect(await secured()).toEqual([])
      expect(await up()).toEqual([])
      expect(await secured()).toEqual(ALL)
    } finally {
      await database.query(`DROP ROLE ${role}`)
    }
  },
)
