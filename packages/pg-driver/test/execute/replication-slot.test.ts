import { randomBytes } from 'node:crypto'
import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createMigrationRunner } from '../../src/create-migration-runner.ts'
import { createHarness, type Files } from '../support/engine-harness.ts'
import { createMigrationFolder } from '../support/migration-files.ts'
import { serverDatabase } from '../support/server-harness.ts'

let server: TestServer
let database: TestDatabase
let slot: string

beforeAll(async () => {
  server = await startServer({ settings: { wal_level: 'logical', max_replication_slots: '10' } })
}, 60_000)
beforeEach(async () => {
  database = await createTestDatabase({ server })
  slot = `slot_${randomBytes(4).toString('hex')}`
})
afterEach(async () => {
  await database.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots')
  await database.drop()
})
afterAll(() => server.remove())

const start = (files: Files) =>
  createHarness(
    { open: serverDatabase(database.url), query: (text) => database.query(text), drop: database.drop },
    files,
  )
const slots = async () => (await database.query('SELECT slot_name::text FROM pg_replication_slots')).length
const create = () => `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput');`

test.each([
  ['first', (slotSql: string) => `${slotSql}\nCREATE PUBLICATION p FOR ALL TABLES;`],
  ['alone', (slotSql: string) => slotSql],
  ['after a query', (slotSql: string) => `SELECT 1;\n${slotSql}`],
  ['in a block', (slotSql: string) => `DO $$ BEGIN PERFORM ${slotSql.slice('SELECT '.length)} END $$;`],
])('a slot that is made %s is made as by "psql -1 -f", in one attempt of its history', async (_, text) => {
  const h = start({ '001_a': 'CREATE TABLE a ();', '002_cdc': text(create()), '003_c': 'CREATE TABLE c ();' })
  expect((await h.up()).done).toEqual(['001_a', '002_cdc', '003_c'])
  expect(await slots()).toBe(1)
  expect(
    await database.query("SELECT status::text FROM migration_history WHERE migration_id = '002_cdc'"),
  ).toEqual([{ status: 'completed' }])
  expect((await h.up()).outcome).toBe('nothing_to_do')
})

test('behind something that writes it fails, and the help says where it must be', async () => {
  const h = start({ '001_cdc': `CREATE TABLE a ();\n${create()}` })
  expect(await h.fail()).toMatchObject({
    code: 'TM5004',
    details: { sqlState: '25001', index: 2 },
    help: 'PostgreSQL creates a logical replication slot only before the transaction has written anything: put the statement first, or into a migration of its own',
  })
  expect(await slots()).toBe(0)
})

test('the transaction is still watched: a file that ends it is not recorded', async () => {
  const off = "SELECT set_config('standard_conforming_strings', 'off', false);"
  const h = start({ '001_cdc': `${create()}\n${off}\nSELECT 'a\\', '; COMMIT; --';\nCREATE TABLE b ();` })
  expect(await h.fail()).toMatchObject({ code: 'TM5006' })
  expect(await h.rows()).toEqual(['001_cdc failed'])
})

test('a slot is not part of the transaction: of a file that fails behind it, it stays', async () => {
  const h = start({ '001_cdc': `${create()}\nSELECT 1 / 0;` })
  expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { index: 2, sqlState: '22012' } })
  expect(await slots()).toBe(1)
})

test('a rollback may make one as well', async () => {
  const h = start({ '001_cdc': `-- @up\nCREATE TABLE a ();\n-- @down\n${create()}\nDROP TABLE a;\n` })
  await h.up()
  expect((await h.runner().rollBack({})).done).toEqual(['001_cdc'])
  expect(await slots()).toBe(1)
})

test('a large file may make one first, too', async () => {
  const rows = Array.from(
    { length: 40_000 },
    (_, id) => `INSERT INTO t VALUES (${id}, '${'x'.repeat(450)}');\n`,
  )
  const folder = await createMigrationFolder({
    '001_large': `-- @up\n${create()}\nCREATE TABLE t (id int, body text);\n${rows.join('')}`,
  })
  onTestFinished(() => folder.drop())
  const runner = createMigrationRunner({ database: database.url, migrations: folder.path })
  expect((await runner.runMigrations()).done).toEqual(['001_large'])
  expect(await slots()).toBe(1)
  expect(await database.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 40_000 }])
  expect((await runner.runMigrations()).outcome).toBe('nothing_to_do')
})
