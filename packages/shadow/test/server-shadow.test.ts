import { createTestDatabase, sharedServerUrl, type TestDatabase } from '@tidemark/test-servers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShadow, takeSnapshot } from '../src/index.ts'
import { chain, migration, migrationOf, tables } from './support/migrations.ts'

/** The shared server through a role of the test's own; its databases go with the role. */
let admin: TestDatabase
let role: string
let url: string

beforeEach(async () => {
  admin = await createTestDatabase()
  role = `shadow_${admin.name}`
  await admin.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret'`)
  const address = new URL(sharedServerUrl())
  address.username = role
  address.password = 'secret'
  url = address.href
})

afterEach(async () => {
  for (const name of await databasesOf(role)) await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
  await admin.query(`DROP ROLE ${role}`)
  await admin.drop()
})

async function databasesOf(owner: string): Promise<readonly string[]> {
  const rows = await admin.query<{ name: string }>(
    `SELECT datname::text AS name FROM pg_database WHERE datdba = '${owner}'::regrole ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

test('a shadow on a server is a database of its own, and is dropped', async () => {
  const shadow = await openShadow({ migrations: tables(2), server: { url } })
  expect(shadow.engine).toBe('server')
  expect(shadow.applied.map(({ id }) => id)).toEqual(['0001_t', '0002_t'])
  const copy = await shadow.fork()
  await copy.apply([migration('0003_t', 'CREATE TABLE t3 (id int);', ['0002_t'])])
  expect(await takeSnapshot(copy)).toContain('CREATE TABLE public.t3')
  expect(await takeSnapshot(shadow)).not.toContain('CREATE TABLE public.t3')
  expect(await databasesOf(role)).toHaveLength(2)
  await copy.close()
  await shadow.close()
  expect(await databasesOf(role)).toEqual([])
})

test('transactions that are rolled back share one session, and nothing of one is seen in the next', async () => {
  const shadow = await openShadow({ migrations: tables(1), server: { url } })
  try {
    const leave = (then: string) =>
      shadow.inRolledBackTransaction(async (connection) => {
        await connection.query("CREATE SEQUENCE s; SELECT nextval('s'), pg_advisory_lock(4711)")
        await connection.query("CREATE TEMP TABLE t1 (id int); SELECT set_config('app.tenant', 'a', false)")
        await connection.query('SET ROLE pg_monitor').catch(() => undefined)
        await connection.query(then).catch(() => undefined)
      })
    const look = () =>
      shadow.inRolledBackTransaction(async (connection) => {
        const { rows } = await connection.query(
          `SELECT pg_backend_pid() AS pid, current_user::text AS role, to_regclass('s') IS NULL AS no_sequence,
             (SELECT count(*)::int FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
             (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
             current_setting('app.tenant', true) AS tenant, to_regclass('t1')::oid::int8 > 0 AS has_table`,
        )
        await expect(connection.query('SAVEPOINT s; SELECT lastval()')).rejects.toThrow('lastval')
        return rows[0]
      })
    const first = await look()
    await leave('SELECT 1')
    const second = await look()
    await leave('SELECT 1 / 0')
    expect([second, await look()]).toEqual([
      { ...first, tenant: '' },
      { ...first, tenant: '' },
    ])
    await leave('PREPARE mine AS SELECT 1')
    const after = await look()
    expect({ ...after, tenant: '' }).toEqual({ ...first, tenant: '', pid: after?.['pid'] })
    await leave('SELECT pg_terminate_backend(pg_backend_pid())')
    expect(await look()).toMatchObject({ prepared: 0 })
    await (await shadow.fork()).close()
  } finally {
    await shadow.close()
  }
})

test('the longest prefix that was kept is the template of the next shadow', async () => {
  const all = tables(12)
  const cache = { folder: 'unused' }
  await (await openShadow({ migrations: all.slice(0, 10), server: { url }, cache })).close()
  expect(await databasesOf(role)).toEqual([expect.stringMatching(/^tidemark_prefix_/)])
  const shadow = await openShadow({ migrations: all, server: { url }, cache })
  expect(shadow.restored).toBe(10)
  expect(shadow.applied).toHaveLength(12)
  await shadow.close()
})

test('what a killed process left is dropped, and what another one uses is not', async () => {
  const left = `tidemark_shadow_host_1_1_${admin.name.slice(-8)}`
  const owned = new URL(url)
  await admin.query(`CREATE DATABASE ${left} OWNER ${role}`)
  const first = await openShadow({ server: { url: owned.href } })
  const [used] = await databasesOf(role)
  expect(await databasesOf(role)).toEqual([used])
  expect(used).not.toBe(left)
  const second = await openShadow({ server: { url: owned.href } })
  expect(await databasesOf(role)).toHaveLength(2)
  await second.close()
  await first.close()
})

test('what a process leaves that ends at once is dropped by the next one', async () => {
  const cache = { folder: 'unused' }
  await openShadow({ migrations: tables(9), server: { url }, cache })
  expect(await databasesOf(role)).toHaveLength(2)
  // As after kill -9: the server ends the sessions.
  await admin.query(
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '${role}' AND pid <> pg_backend_pid()`,
  )
  const next = await openShadow({ migrations: tables(9), server: { url }, cache })
  expect(next.restored).toBe(9)
  expect(await databasesOf(role)).toHaveLength(2)
  await next.close()
  expect(await databasesOf(role)).toEqual([expect.stringMatching(/^tidemark_prefix_/)])
})

test.each([
  ['a superuser', async () => sharedServerUrl(), 'is a superuser, so a migration could do anything there'],
  [
    'a role without CREATEDB',
    async () => {
      await admin.query(`ALTER ROLE ${role} NOCREATEDB`)
      return url
    },
    'may not create databases',
  ],
  [
    'a role that may run programs',
    async () => {
      await admin.query(`GRANT pg_execute_server_program TO ${role}`)
      return url
    },
    'is a member of pg_execute_server_program, which reaches beyond one database',
  ],
  [
    'a role that may create roles, replicate and write files',
    async () => {
      await admin.query(`ALTER ROLE ${role} CREATEROLE REPLICATION; GRANT pg_write_server_files TO ${role}`)
      return url
    },
    'may create roles (CREATEROLE) and may replicate (REPLICATION) and is a member of pg_write_server_files, which',
  ],
] as const)('%s is refused with one diagnostic', async (_, address, why) => {
  await expect(openShadow({ server: { url: await address() } })).rejects.toMatchObject({
    code: 'TM5050',
    message: expect.stringContaining(why),
  })
})

test('the server of the target is refused, also where it is disposable', async () => {
  const [row] = await admin.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  )
  const target = { systemIdentifier: row?.id ?? null }
  for (const disposable of [false, true])
    await expect(openShadow({ server: { url, disposable }, target })).rejects.toMatchObject({
      code: 'TM5050',
      message: expect.stringContaining('it is the server of the database that the migrations are for'),
    })
})

test('a target of a newer major version is refused, and nothing is left', async () => {
  await expect(openShadow({ server: { url }, target: { serverVersion: '99.1' } })).rejects.toMatchObject({
    code: 'TM5050',
    message: expect.stringMatching(/^the database is PostgreSQL 99, and the shadow is PostgreSQL \d+:/),
  })
  expect(await databasesOf(role)).toEqual([])
})

test('what reaches beyond one database is not checked on a shared server', async () => {
  const migrations = [
    migration('001_role', 'CREATE ROLE somebody;'),
    migration('002_do', "DO $$ BEGIN EXECUTE 'CREATE ROLE somebody'; END $$;"),
    migration('004_member', 'GRANT somebody TO postgres;'),
    migration('005_program', "CREATE TABLE t (line text);\nCOPY t FROM PROGRAM 'id';"),
    migration('006_missing', 'CREATE TABLE u (id int); GRANT SELECT ON u TO nobody_here;'),
    migrationOf('005_zone', { up: `CREATE /* a */ DATABASE made_${admin.name};`, transaction: 'none' }),
    migration('008_grant', 'CREATE TABLE w (id int); GRANT SELECT ON w TO PUBLIC;'),
  ]
  const shadow = await openShadow({ migrations, server: { url } })
  expect(shadow.notChecked).toEqual([
    {
      migrationId: '001_role',
      why: 'cannot run on a shared server: it changes roles (see shadowDisposable)',
    },
    { migrationId: '002_do', why: 'cannot run on a shared server: it changes roles (see shadowDisposable)' },
    {
      migrationId: '004_member',
      why: 'cannot run on a shared server: it changes memberships of roles (see shadowDisposable)',
    },
    {
      migrationId: '005_program',
      why: 'cannot run on a shared server: it runs a program on the server (see shadowDisposable)',
    },
    {
      migrationId: '005_zone',
      why: 'cannot run in a shadow on a server: it changes databases or tablespaces',
    },
    {
      migrationId: '006_missing',
      why: 'needs the role "nobody_here", which the server of the shadow does not have',
    },
  ])
  expect(shadow.applied.map(({ id }) => id)).toEqual(['008_grant'])
  await shadow.close()
})

test('a role that a function makes from parts of text is not made, and its migration is not checked', async () => {
  const name = `made_${admin.name}`
  const make = `EXECUTE 'CREATE' || ' ROLE ${name}'`
  const migrations = [
    migration('001_do', `DO $$ BEGIN ${make}; END $$;`),
    migration(
      '002_function',
      `CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${make}; END $$; SELECT make();`,
    ),
    migration('003_member', "DO $$ BEGIN EXECUTE 'GRA' || 'NT pg_monitor TO CURRENT_USER'; END $$;"),
  ]
  const shadow = await openShadow({ migrations, server: { url } })
  expect(shadow.notChecked.map(({ migrationId, why }) => [migrationId, why.replace(/: .*/s, '')])).toEqual(
    migrations.map(({ id }) => [id, 'needs more privileges than the role of the shadow has']),
  )
  await shadow.close()
  expect(await admin.query(`SELECT FROM pg_roles WHERE rolname = '${name}'`)).toEqual([])
})

test('a snapshot is the same to the byte on PGlite and on a server of the same major version', async () => {
  const migrations = chain({
    '001_a': `CREATE SCHEMA sales; CREATE TYPE sales.state AS ENUM ('new', 'done');
      CREATE TABLE sales.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state sales.state NOT NULL DEFAULT 'new');
      CREATE INDEX ON sales.orders (state) WHERE state <> 'done';
      CREATE EXTENSION pgcrypto;`,
    '002_b': `CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
      CREATE TRIGGER touched BEFORE UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.touch();
      REVOKE EXECUTE ON FUNCTION sales.touch() FROM PUBLIC;
      ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO PUBLIC;
      CREATE VIEW sales.open AS SELECT id FROM sales.orders WHERE state = 'new';
      GRANT SELECT ON sales.open TO PUBLIC;`,
  })
  const [embedded, server] = [
    await openShadow({ migrations }),
    await openShadow({ migrations, server: { url } }),
  ]
  const [own, other] = [await takeSnapshot(embedded), await takeSnapshot(server)]
  await embedded.close()
  await server.close()
  expect(other).toBe(own)
})
