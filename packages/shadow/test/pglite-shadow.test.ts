import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openShadow, type Shadow } from '../src/index.ts'
import { chain, migration, migrationOf, tables } from './support/migrations.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-shadow-'))
})

const cacheFiles = () => readdirSync(join(folder, 'pglite')).filter((name) => name.endsWith('.tar.gz'))

async function listTables(shadow: Shadow): Promise<readonly unknown[]> {
  const connection = await shadow.connect()
  const { rows } = await connection.query(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ '^t' ORDER BY 1",
  )
  await connection.close()
  return rows.map(({ relname }) => relname)
}

test('a shadow has what the migrations make, and takes more', async () => {
  const [first, second, third] = tables(3)
  if (first === undefined || second === undefined || third === undefined) throw new TypeError('three')
  const shadow = await openShadow({ migrations: [second, first] })
  expect(shadow.engine).toBe('pglite')
  expect(shadow.serverVersion).toMatch(/^18\./)
  expect(await listTables(shadow)).toEqual(['t0001', 't0002'])
  await shadow.apply([third])
  expect(await listTables(shadow)).toEqual(['t0001', 't0002', 't0003'])
  expect(shadow.applied.map(({ id }) => id)).toEqual(['0001_t', '0002_t', '0003_t'])
  expect(shadow.notChecked).toEqual([])
  await shadow.close()
})

test('what is done in a transaction of a trial is rolled back, also after an error', async () => {
  const shadow = await openShadow({ migrations: tables(1) })
  const trial = shadow.inRolledBackTransaction(async (connection) => {
    await connection.query('DROP TABLE t0001')
    await connection.query('SELECT no_such_column')
  })
  await expect(trial).rejects.toThrow('no_such_column')
  expect(await listTables(shadow)).toEqual(['t0001'])
  await shadow.close()
})

test('a copy changes on its own', async () => {
  const [first, second] = tables(2)
  if (first === undefined || second === undefined) throw new TypeError('two')
  const shadow = await openShadow({ migrations: [first] })
  const copy = await shadow.fork()
  await copy.apply([second])
  expect(await listTables(copy)).toEqual(['t0001', 't0002'])
  expect(await listTables(shadow)).toEqual(['t0001'])
  expect(shadow.applied.map(({ id }) => id)).toEqual(['0001_t'])
  await copy.close()
  await shadow.close()
})

test('the longest prefix that was kept is not applied again', async () => {
  const all = tables(12)
  const first = await openShadow({ migrations: all.slice(0, 10), cache: { folder } })
  expect(first.restored).toBe(0)
  await first.close()
  expect(cacheFiles()).toHaveLength(1)

  const second = await openShadow({ migrations: all, cache: { folder } })
  expect(second.restored).toBe(10)
  expect(second.applied.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
  expect((await listTables(second)).length).toBe(12)
  await second.close()
})

test('an edited file, another profile and another schema of the tables are other prefixes', async () => {
  const all = tables(9)
  await (await openShadow({ migrations: all, cache: { folder } })).close()
  const edited = [...all.slice(0, 8), migration('0009_t', 'CREATE TABLE t9b (id int);', ['0008_t'])]
  for (const options of [
    { migrations: edited },
    { migrations: all, profile: 'supabase' as const },
    { migrations: all, schema: 'tidemark' },
  ]) {
    const shadow = await openShadow({ ...options, cache: { folder } })
    expect(shadow.restored).toBe(0)
    await shadow.close()
  }
})

test('what was used longest ago is removed', async () => {
  const all = tables(24)
  for (const count of [8, 16, 24])
    await (await openShadow({ migrations: all.slice(0, count), cache: { folder, maxBytes: 1 } })).close()
  expect(cacheFiles()).toHaveLength(1)
  const shadow = await openShadow({ migrations: all, cache: { folder } })
  expect(shadow.restored).toBe(24)
  await shadow.close()
})

test('a damaged file of the cache is dropped, and the migrations are applied', async () => {
  const all = tables(8)
  await (await openShadow({ migrations: all, cache: { folder } })).close()
  for (const name of cacheFiles()) writeFileSync(join(folder, 'pglite', name), 'damaged')
  const shadow = await openShadow({ migrations: all, cache: { folder } })
  expect(shadow.restored).toBe(0)
  expect((await listTables(shadow)).length).toBe(8)
  await shadow.close()
})

test('where nothing can be kept one warning says so, and the shadow is the same', async () => {
  writeFileSync(join(folder, 'file'), '')
  const shadow = await openShadow({ migrations: tables(8), cache: { folder: join(folder, 'file') } })
  expect(shadow.notes).toMatchObject([{ code: 'TM5051', severity: 'warning' }])
  expect((await listTables(shadow)).length).toBe(8)
  await shadow.close()
})

test('a role that is named and missing is created without login', async () => {
  const migrations = chain({
    '001_t': 'CREATE TABLE t1 (id int); GRANT SELECT ON t1 TO reader, "Other role";',
    '002_owner': 'ALTER TABLE t1 OWNER TO keeper;',
  })
  const shadow = await openShadow({ migrations })
  expect(shadow.standIns).toEqual({ roles: ['reader', 'Other role', 'keeper'] })
  expect(shadow.notChecked).toEqual([])
  const connection = await shadow.connect()
  const { rows } = await connection.query(
    "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname !~ '^pg_'",
  )
  expect(rows).toEqual([{ rolname: 'postgres' }])
  await connection.close()
  await shadow.close()
})

test('what needs an extension that cannot be had is not checked, with what depends on it', async () => {
  const migrations = [
    migration('001_a', 'CREATE TABLE t1 (id int);'),
    migration('002_b', 'CREATE EXTENSION timescaledb;', ['001_a']),
    migration('003_c', 'CREATE TABLE t3 (id int);', ['002_b']),
    migration('004_d', "DO $$ BEGIN EXECUTE 'CREATE EXTENSION ' || 'hypopg'; END $$;", ['001_a']),
    migration('005_e', 'CREATE TABLE t5 (id int);', ['001_a']),
  ]
  const shadow = await openShadow({ migrations, cache: { folder } })
  expect(shadow.notChecked).toEqual([
    { migrationId: '002_b', why: 'needs the extension "timescaledb", which this shadow does not have' },
    { migrationId: '003_c', why: 'depends on "002_b", which was not checked' },
    { migrationId: '004_d', why: 'needs the extension "hypopg", which this shadow does not have' },
  ])
  expect(await listTables(shadow)).toEqual(['t1', 't5'])
  await shadow.apply([migration('006_f', 'CREATE TABLE t6 (id int);', ['003_c'])])
  expect(shadow.notChecked.at(-1)).toEqual({
    migrationId: '006_f',
    why: 'depends on "002_b", which was not checked',
  })
  await shadow.close()
})

test('a migration that fails by itself is the error of a run, and what was before it stays', async () => {
  const migrations = chain({ '001_t': 'CREATE TABLE t1 (id int);', '002_bad': 'CREAT TABLE t2 (id int);' })
  await expect(openShadow({ migrations })).rejects.toMatchObject({
    code: 'TM5004',
    details: { migration: '002_bad', sqlState: '42601' },
  })
  const [first, second] = migrations
  if (first === undefined || second === undefined) throw new TypeError('two')
  const shadow = await openShadow({ migrations: [first] })
  await expect(shadow.apply([second])).rejects.toMatchObject({ code: 'TM5004' })
  expect(shadow.applied.map(({ id }) => id)).toEqual(['001_t'])
  await shadow.close()
})

test('variables have their values; a secret, and one without value, has its name', async () => {
  const grant = migrationOf('001_app', {
    variables: ['app', 'password secret', 'other'],
    up: `CREATE TABLE t1 (a text DEFAULT :'app', b text DEFAULT :'password', c text DEFAULT :'other');
      GRANT SELECT ON t1 TO :"app";`,
  })
  const migrations = [grant, ...tables(8)]
  const first = await openShadow({
    migrations,
    variables: { app: 'web', password: 'hush' },
    cache: { folder },
  })
  expect(first.standIns.roles).toEqual(['web'])
  const connection = await first.connect()
  const { rows } = await connection.query('INSERT INTO t1 VALUES (DEFAULT, DEFAULT, DEFAULT) RETURNING *')
  expect(rows).toEqual([{ a: 'web', b: 'password', c: 'other' }])
  await connection.close()
  await first.close()
  // Another value is another prefix; another secret is not.
  const again = await openShadow({ migrations, variables: { app: 'web', password: 'x' }, cache: { folder } })
  expect(again.restored).toBe(9)
  await again.close()
  const other = await openShadow({ migrations, variables: { app: 'api' }, cache: { folder } })
  expect(other.restored).toBe(0)
  expect(other.standIns.roles).toEqual(['api'])
  await other.close()
})
