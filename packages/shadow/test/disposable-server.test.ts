import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openShadow } from '../src/index.ts'
import { chain, migration, migrationOf } from './support/migrations.ts'

/** A server that is there for shadows alone: no other test is on it. */
let server: TestServer
let admin: TestDatabase
let before: readonly unknown[]

beforeAll(async () => {
  server = await startServer()
  admin = await createTestDatabase({ server })
  before = await listAll()
})
afterAll(() => server.remove())
afterEach(async () => {
  expect(await listAll()).toEqual(before)
})

/** Everything of the cluster that is in no database. */
async function listAll(): Promise<readonly unknown[]> {
  return admin.query(`SELECT 'role ' || rolname AS what FROM pg_roles
    UNION ALL SELECT 'member ' || roleid::regrole || ' ' || member::regrole FROM pg_auth_members
    UNION ALL SELECT 'database ' || datname FROM pg_database
    UNION ALL SELECT 'tablespace ' || spcname FROM pg_tablespace
    UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
    UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
    UNION ALL SELECT 'setting ' || name FROM pg_file_settings WHERE sourcefile ~ 'auto.conf$'
    UNION ALL SELECT 'setting of ' || setrole || ' ' || setdatabase FROM pg_db_role_setting
    ORDER BY 1`)
}

const open = (migrations: Parameters<typeof openShadow>[0] & object) =>
  openShadow({ server: { url: server.url(), disposable: true }, ...migrations })

test('roles that migrations make are removed, however they are made, and made again the next time', async () => {
  const migrations = chain({
    '001_role': 'CREATE ROLE app; CREATE TABLE t (id int); ALTER TABLE t OWNER TO app;',
    '002_do': "DO $$ BEGIN EXECUTE 'CREATE' || ' ROLE reader'; END $$; GRANT SELECT ON t TO reader;",
    '003_function': `CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS
      $$ BEGIN EXECUTE 'CREATE' || ' ROLE writer IN ROLE app'; END $$; SELECT make();`,
    '004_given': `GRANT pg_monitor, app TO postgres; ALTER ROLE postgres SET work_mem = '8MB';`,
    '005_missing': 'GRANT SELECT ON t TO nobody_here;',
  })
  for (let time = 0; time < 2; time += 1) {
    const shadow = await open({ migrations })
    expect(shadow.notChecked).toEqual([])
    expect(shadow.applied).toHaveLength(5)
    await shadow.close()
  }
})

test('what would stay in the cluster is not checked', async () => {
  const shadow = await open({
    migrations: [
      migrationOf('001_system', { up: "ALTER SYSTEM SET work_mem = '8MB';", transaction: 'none' }),
      migrationOf('002_database', { up: 'CREATE DATABASE other;', transaction: 'none' }),
      migrationOf('003_space', { up: "CREATE TABLESPACE fast LOCATION '/tmp';", transaction: 'none' }),
      migration('004_slot', "SELECT pg_create_physical_replication_slot('s');"),
      migration(
        '005_subscription',
        "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false);",
      ),
      migration('006_role', 'CREATE ROLE app;'),
    ],
  })
  expect(shadow.notChecked.map(({ migrationId }) => migrationId)).toEqual([
    '001_system',
    '002_database',
    '003_space',
    '004_slot',
    '005_subscription',
  ])
  expect(shadow.applied.map(({ id }) => id)).toEqual(['006_role'])
  await shadow.close()
})

test('of the Supabase profile no role is left', async () => {
  const shadow = await open({
    profile: 'supabase',
    migrations: chain({ '001_t': 'CREATE TABLE t (id int);' }),
  })
  expect(shadow.applied).toHaveLength(1)
  await shadow.close()
})
