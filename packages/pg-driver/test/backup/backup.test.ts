import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMigrationRunner, createServerBackups } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

const SHOP = {
  '001_users': '-- @up\nCREATE TABLE users (id int PRIMARY KEY, name text);\n-- @down\nDROP TABLE users;\n',
  '002_orders':
    '-- Depends on: [001_users]\n-- @up\nCREATE TABLE orders (id serial PRIMARY KEY, buyer int REFERENCES users);\nCREATE INDEX orders_buyer ON orders (buyer);\n-- @down\nDROP TABLE orders;\n',
}

describe('backups', () => {
  let server: TestServer
  let database = ''
  let folder: MigrationFolder
  let backups = ''
  let count = 0
  beforeAll(async () => {
    server = await startServer({ major: '15' })
  })
  afterAll(() => server.remove())
  beforeEach(async () => {
    count += 1
    database = server.url(`shop ${count}'s`)
    await query(server.url(), `CREATE DATABASE "shop ${count}'s"`)
    folder = await createMigrationFolder(SHOP)
    backups = await mkdtemp(join(tmpdir(), 'tidemark-backups-'))
  })
  afterEach(async () => {
    await folder.drop()
    await rm(backups, { recursive: true, force: true })
  })

  const runner = (url = database) =>
    createMigrationRunner({ database: url, migrations: folder.path, backup: 'destructive', backups })
  const restorer = (url = database, anyTarget = false) =>
    createServerBackups({ database: url, backups, anyTarget }).restorer
  const fill = () =>
    query(
      database,
      "INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO orders (buyer) VALUES (1), (2), (1)",
    )
  const run = { runId: '00000000-0000-4000-8000-000000000001', executedBy: 'ada@laptop', toolVersion: '1' }

  test('what a rollback drops is saved before, recorded, and brought back with data, keys and indexes', async () => {
    await runner().runMigrations()
    await fill()
    const down = await runner().rollBack({ request: { kind: 'all' } })
    expect((await readdir(join(backups, down.runId))).sort()).toEqual([
      '001-002_orders-down.dump',
      '002-001_users-down.dump',
      'manifest.json',
    ])
    const attempts = await query<{ details: unknown }>(
      database,
      "SELECT details->'backup'->'tables' AS details FROM migration_history WHERE direction = 'down' ORDER BY executed_at",
    )
    expect(attempts.map(({ details }) => details)).toEqual([['public.orders'], ['public.users']])
    const planned = await restorer().plan(down.runId)
    expect(planned.steps.map(({ entry, manner }) => `${manner} ${entry.migrationId}`)).toEqual([
      'create 001_users',
      'create 002_orders',
    ])
    await restorer().restore(down.runId, { ...run, reason: 'wrong database' })
    expect(
      await query(database, 'SELECT count(*)::int AS orders FROM orders JOIN users ON users.id = buyer'),
    ).toEqual([{ orders: 3 }])
    expect(
      await query(database, "SELECT indexname FROM pg_indexes WHERE tablename = 'orders' ORDER BY 1"),
    ).toEqual([{ indexname: 'orders_buyer' }, { indexname: 'orders_pkey' }])
    await query(database, 'INSERT INTO orders (buyer) VALUES (2)')
    const audit = await query(
      database,
      `SELECT migration_id, status, executed_by, details->>'reason' AS reason FROM migration_history
       WHERE direction = 'repair' ORDER BY executed_at`,
    )
    expect(audit).toEqual([
      {
        migration_id: '001_users',
        status: 'rolled_back',
        executed_by: 'ada@laptop',
        reason: 'wrong database',
      },
      {
        migration_id: '002_orders',
        status: 'rolled_back',
        executed_by: 'ada@laptop',
        reason: 'wrong database',
      },
    ])
  })

  test('a table that was emptied is filled again; one with rows, or with other columns, refuses everything', async () => {
    await runner().runMigrations()
    await fill()
    await folder.write({ '003_empty': '-- Depends on: [002_orders]\n-- @up\nTRUNCATE users, orders;\n' })
    const { runId } = await runner().runMigrations()
    await query(database, 'INSERT INTO users VALUES (7)')
    const busy = await refusal(restorer().restore(runId, run))
    expect([busy.code, busy.details['problems']]).toEqual(['TM6007', ['"public.users" has rows']])
    await query(database, 'DELETE FROM users; ALTER TABLE orders ADD note text')
    expect((await refusal(restorer().plan(runId))).details['problems']).toEqual([
      '"public.orders" has other columns now: with note text',
    ])
    await query(database, 'ALTER TABLE orders DROP note')
    const done = await restorer().restore(runId, run)
    expect(done.steps.map(({ manner }) => manner)).toEqual(['fill'])
    expect(await query(database, 'SELECT count(*)::int AS users FROM users')).toEqual([{ users: 2 }])
  })

  test('a backup that fails stops its step before it runs, and those before it are done', async () => {
    await folder.write({ '002_orders': SHOP['002_orders'].replace(' REFERENCES users', '') })
    await runner().runMigrations()
    await fill()
    const held = new pg.Client({ connectionString: database })
    await held.connect()
    await held.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
    const impatient = createMigrationRunner({
      database,
      migrations: folder.path,
      backup: 'destructive',
      backups,
      lockTimeout: '100ms',
      lockRetries: 0,
    })
    const error = await refusal(impatient.rollBack({ request: { kind: 'all' } }))
    await held.end()
    expect(error).toMatchObject({
      code: 'TM5040',
      details: { applied: ['002_orders'], failed: ['001_users'] },
    })
    expect(await query(database, 'SELECT id, status FROM schema_migrations ORDER BY id')).toEqual([
      { id: '001_users', status: 'completed' },
      { id: '002_orders', status: 'rolled_back' },
    ])
    expect(await query(database, 'SELECT count(*)::int AS users FROM users')).toEqual([{ users: 2 }])
  })

  test('a folder that cannot be written refuses before anything runs', async () => {
    await runner().runMigrations()
    await rm(backups, { recursive: true })
    await writeFile(backups, 'a file')
    const unwritable = await refusal(runner().rollBack({ request: { kind: 'all' } }))
    expect([unwritable.code, unwritable.details['applied']]).toEqual(['TM7017', []])
    expect(await query(database, 'SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 0 }])
  })

  test('an unknown run, and a backup of another database, are refused; nothing is saved where nothing is destroyed', async () => {
    const { runId } = await runner().runMigrations()
    expect((await refusal(restorer().plan(runId))).code).toBe('TM6008')
    const down = await runner().rollBack()
    expect((await refusal(restorer().plan(`${down.runId.slice(0, -1)}_`))).help).toBe(
      `did you mean "${down.runId}"?`,
    )
    expect((await refusal(restorer(server.url()).plan(down.runId))).code).toBe('TM6009')
    expect((await restorer(server.url(), true).plan(down.runId)).steps).toHaveLength(1)
  })

  test('the manifest holds no password', async () => {
    await runner().runMigrations()
    const { runId } = await runner().rollBack()
    const text = await readFile(join(backups, runId, 'manifest.json'), 'utf8')
    expect(text).not.toContain(server.password)
  })
})

async function query<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(text)
    return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
  } finally {
    await client.end()
  }
}

async function refusal(promise: Promise<unknown>): Promise<TidemarkError> {
  const error = await promise.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof TidemarkError) return error
  throw error
}
