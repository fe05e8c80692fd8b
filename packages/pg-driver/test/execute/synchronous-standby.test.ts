import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createHarness, type Harness } from '../support/engine-harness.ts'
import { serverDatabase, until } from '../support/server-harness.ts'

let server: TestServer
let database: TestDatabase
let harness: Harness

const configure = async (statement: string): Promise<void> => {
  await database.query(`ALTER SYSTEM ${statement}`)
  await database.query('SELECT pg_reload_conf()')
}

beforeAll(async () => {
  server = await startServer()
}, 60_000)
beforeEach(async () => {
  database = await createTestDatabase({ server })
  harness = createHarness(
    { open: serverDatabase(database.url), query: (text) => database.query(text), drop: database.drop },
    { '000_z': 'CREATE TABLE z ();' },
  )
  await harness.up()
  await configure("SET synchronous_standby_names = 'gone'")
  await until(async () => {
    const [row] = await database.query<{ names: string }>(
      "SELECT current_setting('synchronous_standby_names') AS names",
    )
    return row?.names === 'gone'
  })
})
afterEach(async () => {
  await configure('RESET synchronous_standby_names')
  await database.drop()
})
afterAll(() => server.remove())

const waits = async () =>
  (
    await database.query(
      "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()",
    )
  ).length > 0

const NOTE = 'COMMIT waits for a synchronous standby (synchronous_standby_names = gone)'
const notes = () => harness.events.flatMap((event) => (event.kind === 'note' ? [event.message] : []))

test.each([
  [
    'a migration',
    { '000_z': 'CREATE TABLE z ();', '001_a': '-- Depends on: [000_z]\n-- @up\nCREATE TABLE a ();\n' },
  ],
])(
  'the COMMIT of %s that waits for a standby which is gone is reported, and an interrupt ends it',
  async (_, files) => {
    harness.files = files
    const abort = new AbortController()
    const run = harness.fail({}, { signal: abort.signal })
    // What registers the file waits first, and then the migration: each is let go as an operator would.
    await until(waits)
    await until(() => notes().length === 1)
    expect(notes()).toEqual([NOTE])
    await database.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    await until(() => notes().length === 2)
    await until(waits)
    abort.abort()
    const error = await run
    expect(error).toMatchObject({
      code: 'TM5008',
      details: {
        applied: ['001_a'],
        databaseState:
          'No migration was interrupted. "001_a" is committed on this server, and not confirmed by a synchronous standby.',
      },
    })
    expect(await harness.rows()).toEqual(['000_z completed', '001_a completed'])
    expect(await database.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).toEqual([])
  },
)

test('an interrupt while our own tables are written ends it as well', async () => {
  harness.files = { '000_z': 'CREATE TABLE z ();', '001_a': 'CREATE TABLE a ();' }
  const abort = new AbortController()
  const run = harness.fail({}, { signal: abort.signal })
  await until(waits)
  abort.abort()
  expect((await run).code).toBe('TM5008')
  expect(await database.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).toEqual([])
})
