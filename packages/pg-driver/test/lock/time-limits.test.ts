import { randomBytes } from 'node:crypto'
import { pgBouncerMissing, sharedServerUrl, startPgBouncer, type TestPgBouncer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/options/engine-settings.ts'
import { createServerHarness, type ServerHarness, serverDatabase } from '../support/server-harness.ts'

const role = `limited_${randomBytes(3).toString('hex')}`
const admin = new pg.Client({ connectionString: sharedServerUrl() })
let harness: ServerHarness

const asRole = (url: string) => Object.assign(new URL(url), { username: role, password: 'secret' }).href

beforeAll(async () => {
  await admin.connect()
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
})
beforeEach(async () => {
  harness = await createServerHarness({}, asRole)
  await harness.server.query(
    `ALTER DATABASE "${harness.server.name}" OWNER TO ${role}; ALTER SCHEMA public OWNER TO ${role}`,
  )
})
afterEach(async () => {
  await admin.query(`ALTER ROLE ${role} RESET ALL`)
  await harness.database.drop()
})
afterAll(async () => {
  await admin.query(`DROP ROLE ${role}`)
  await admin.end()
})

const SLOW = { '001_a': '-- @up\nSELECT pg_sleep(0.2);\n-- @verify\nSELECT pg_sleep(0.2) IS NOT NULL;\n' }
const verdicts = async (url = asRole(harness.server.url)) => {
  const reader = await serverDatabase(url)(DEFAULT_SETTINGS).openReader()
  try {
    const stored = [...(await reader.store.readStored(['001_a'])).values()]
    const outcomes: string[] = []
    for await (const { kind } of reader.verify(stored)) outcomes.push(kind)
    return outcomes
  } finally {
    await reader.close()
  }
}

test.each([
  ['statement_timeout', () => `ALTER ROLE ${role} SET statement_timeout = '50ms'`],
  ['statement_timeout', () => `ALTER DATABASE "${harness.server.name}" SET statement_timeout = '50ms'`],
  ['transaction_timeout', () => `ALTER ROLE ${role} SET transaction_timeout = '50ms'`],
  ['idle_session_timeout', () => `ALTER ROLE ${role} SET idle_session_timeout = '50ms'`],
  ['lock_timeout', () => `ALTER ROLE ${role} SET lock_timeout = '1ms'`],
])('%s of a role or database decides neither a migration nor its verify', async (_, set) => {
  await admin.query(set())
  harness.files = SLOW
  expect((await harness.up()).done).toEqual(['001_a'])
  expect(await verdicts()).toEqual(['held'])
})

test('reading the state waits for a lock as long as lockTimeout says', async () => {
  harness.files = SLOW
  await harness.up()
  await admin.query(`ALTER ROLE ${role} SET statement_timeout = '20ms'`)
  const other = await harness.connect()
  await other.query("SET application_name = 'other'; BEGIN; LOCK TABLE schema_migrations")
  const reader = await serverDatabase(asRole(harness.server.url))({
    ...DEFAULT_SETTINGS,
    lockTimeoutMs: 300,
  }).openReader()
  await expect(reader.store.readHistory()).rejects.toMatchObject({
    code: 'TM5014',
    details: { sqlState: '55P03' },
    help: expect.stringContaining('(other, role postgres'),
  })
  await reader.close()
})

test('a limit that the file sets is its own, and one of the role is named beside it', async () => {
  await admin.query(`ALTER ROLE ${role} IN DATABASE "${harness.server.name}" SET statement_timeout = '9s'`)
  harness.files = { '001_a': "SET LOCAL statement_timeout = '20ms';\nSELECT pg_sleep(30);" }
  expect((await harness.fail()).help).toBe(
    `the file (or a function it calls) sets statement_timeout itself, or gives it back to what role or database set: statement_timeout is 9s for the role "${role}" in the database "${harness.server.name}" (ALTER ROLE "${role}" IN DATABASE "${harness.server.name}" RESET statement_timeout)`,
  )
})

test('a limit that neither role nor database sets is of the server, or of the options of the connection', async () => {
  const withOptions = (url: string) => `${asRole(url)}?options=-c%20statement_timeout%3D9s`
  const own = await createServerHarness({}, withOptions)
  try {
    await own.server.query(
      `ALTER DATABASE "${own.server.name}" OWNER TO ${role}; ALTER SCHEMA public OWNER TO ${role}`,
    )
    own.files = { '001_a': "SET LOCAL statement_timeout = '20ms';\nSELECT pg_sleep(30);" }
    expect((await own.fail()).help).toContain(
      'statement_timeout is 9000ms by the configuration of the server (postgresql.conf, ALTER SYSTEM) or the options of the connection',
    )
  } finally {
    await own.database.drop()
  }
})

test('a session that a time limit ended says which, since it would be met again', async () => {
  harness.files = { '001_a': "SET LOCAL transaction_timeout = '50ms';\nSELECT pg_sleep(30);" }
  expect(await harness.fail()).toMatchObject({
    code: 'TM5007',
    help: expect.stringContaining(
      'the file, a function or the server sets transaction_timeout; raise it, or take it back',
    ),
  })
  await admin.query(`ALTER ROLE ${role} SET transaction_timeout = '7s'`)
  expect((await harness.fail()).help).toContain(
    `transaction_timeout is 7s for the role "${role}" (ALTER ROLE "${role}" RESET transaction_timeout)`,
  )
})

describe.skipIf(pgBouncerMissing !== undefined)(
  'behind a session pooler, where nothing is set for reading',
  () => {
    let pooler: TestPgBouncer
    beforeEach(async () => {
      pooler = await startPgBouncer({ server: asRole(harness.server.url), mode: 'session' })
    })
    afterEach(() => pooler.remove())

    test('a verify is not judged by the limit of the role, and a read that met it names who set it', async () => {
      harness.files = SLOW
      await harness.up()
      await admin.query(`ALTER ROLE ${role} SET statement_timeout = '100ms'`)
      const url = asRole(pooler.url(harness.server.url))
      expect(await verdicts(url)).toEqual(['held'])
      const other = await harness.connect()
      await other.query('BEGIN; LOCK TABLE schema_migrations')
      const reader = await serverDatabase(url)(DEFAULT_SETTINGS).openReader()
      await expect(reader.store.readHistory()).rejects.toMatchObject({
        code: 'TM5014',
        help: `no migration is at fault: statement_timeout is 100ms for the role "${role}" (ALTER ROLE "${role}" RESET statement_timeout). Raise it, or take it back, and run it again`,
      })
      await reader.close()
    })
  },
)
