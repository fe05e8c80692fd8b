import { readdir } from 'node:fs/promises'
import { TidemarkError } from '@tidemark/core'
import {
  createTestDatabase,
  pgBouncerMissing,
  startPgBouncer,
  type TestDatabase,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMigrationRunner, type MigrationRunnerOptions } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

let folder: MigrationFolder
let database: TestDatabase
/** Run after the test, the last first, before the database goes. */
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  folder = await createMigrationFolder({
    '001_notes': '-- @up\nCREATE TABLE notes (body text);\n-- @down\nDROP TABLE notes;\n',
    '002_index':
      '-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY notes_body ON notes (body);\n-- @down\nDROP INDEX CONCURRENTLY notes_body;\n',
  })
})
afterAll(() => folder.drop())
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
  await database.drop()
})

function makePool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => undefined)
  cleanups.push(async () => {
    if (!pool.ending) await pool.end()
  })
  return pool
}

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  await client.connect()
  cleanups.push(() => client.end())
  return client
}

/** The parts of the test database's URL, as a configuration without a URL has them. */
function parts(): Required<Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'database'>> {
  const { hostname, port, username } = new URL(database.url)
  return { host: hostname, port: Number(port), user: username, database: database.name }
}
const password = () => decodeURIComponent(new URL(database.url).password)

const run = (from: MigrationRunnerOptions['database'], options: Partial<MigrationRunnerOptions> = {}) =>
  createMigrationRunner({ database: from, migrations: folder.path, ...options }).runMigrations()

/** What making a runner throws, as a program in JavaScript calls it. */
function refusal(...options: readonly unknown[]): {
  code: string
  message: string
  help: string | undefined
} {
  try {
    Reflect.apply(createMigrationRunner, undefined, options)
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    const { code, message, help } = error
    return { code, message, help }
  }
  throw new Error('nothing was refused')
}

const TAKES =
  'pass a postgres:// URL, a Pool or Client of "pg", or a database such as createEmbeddedDatabase makes'

describe('a Pool', () => {
  test('with a connection string is enough: plan, run, status and rollback', async () => {
    const runner = createMigrationRunner({
      database: makePool({ connectionString: database.url }),
      migrations: folder.path,
    })
    expect((await runner.createMigrationPlan()).steps.map(({ id }) => id)).toEqual(['001_notes', '002_index'])
    expect((await runner.runMigrations()).done).toEqual(['001_notes', '002_index'])
    expect((await runner.status()).pending).toEqual([])
  })

  test('whose only client is taken does not stop a run, and is not used by it', async () => {
    const pool = makePool({ connectionString: database.url, max: 1, statement_timeout: 1 })
    const client = await pool.connect()
    await client.query('BEGIN')
    await run(pool)
    expect(pool).toMatchObject({ totalCount: 1, waitingCount: 0 })
    expect(await database.query('SELECT FROM notes')).toEqual([])
    await client.query('ROLLBACK')
    client.release()
  })

  test('made of parts is read as pg reads it: password function, startup options, PG variables', async () => {
    await database.query('CREATE SCHEMA shop')
    const { host, ...rest } = parts()
    process.env['PGHOST'] = host
    let asked = 0
    const pool = makePool({
      ...rest,
      options: '-c search_path=shop',
      password: async () => {
        asked += 1
        return password()
      },
    })
    try {
      await run(pool, { schema: 'public' })
    } finally {
      delete process.env['PGHOST']
    }
    expect(await database.query('SELECT FROM shop.notes')).toEqual([])
    expect(asked).toBeGreaterThan(0)
    expect(pool.totalCount).toBe(0)
  })

  test('whose password is wrong says so, and shows it nowhere', async () => {
    const pool = makePool({ ...parts(), password: 'not-the-secret' })
    const error: unknown = await run(pool).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'TM5001',
      help: 'the password is wrong: the one that the Pool or Client was made with',
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('not-the-secret')
  })

  test('of a database that saves what is lost backs up too', async () => {
    await run(makePool({ connectionString: database.url }))
    await database.query("INSERT INTO notes VALUES ('kept')")
    const backups = await createMigrationFolder()
    cleanups.push(() => backups.drop())
    const runner = createMigrationRunner({
      database: makePool({ connectionString: database.url }),
      migrations: folder.path,
      backup: 'destructive',
      backups: backups.path,
    })
    await runner.rollBack({ request: { kind: 'all' } })
    expect(await readdir(backups.path)).toHaveLength(1)
  })

  test('whose server is killed off by an interrupt, over a connection of the same kind', async () => {
    const pool = makePool({ ...parts(), password: async () => password(), max: 1 })
    const slow = await createMigrationFolder({ '001_slow': 'SELECT pg_sleep(600);' })
    cleanups.push(() => slow.drop())
    const interrupt = new AbortController()
    const running = createMigrationRunner({ database: pool, migrations: slow.path }).runMigrations({
      signal: interrupt.signal,
    })
    const failed = running.catch((error: unknown) => error)
    const sleeping = () =>
      database.query(
        "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
      )
    while ((await sleeping()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    interrupt.abort()
    expect(await failed).toMatchObject({ code: 'TM5008' })
    expect(await sleeping()).toEqual([])
  })

  test('goes with directUrl, which migrates in its place', async () => {
    const pool = makePool({ ...parts(), port: 1, password: 'x' })
    expect((await run(pool, { directUrl: database.url })).done).toHaveLength(2)
  })
})

describe('a Client', () => {
  test.each([
    ['before it is connected', async () => new pg.Client(database.url)],
    ['that is connected', () => connected({ connectionString: database.url })],
  ])('%s says where the database is', async (_, open) => {
    const client = await open()
    expect((await run(client)).done).toHaveLength(2)
    expect(await run(client)).toMatchObject({ done: [] })
  })
})

describe('what cannot be taken is refused when the runner is made', () => {
  const migrations = 'migrations'

  test('a client that is checked out of a pool', async () => {
    const pool = makePool({ connectionString: database.url })
    const client = await pool.connect()
    cleanups.push(async () => client.release())
    // @ts-expect-error It is refused by types too.
    expect(() => createMigrationRunner({ database: client, migrations })).toThrow(TidemarkError)
    expect(refusal({ database: client, migrations })).toEqual({
      code: 'TM7003',
      message:
        'createMigrationRunner: "database" is not valid: this client was checked out of a pool, and a run opens connections of its own',
      help: 'pass the pool itself, and release the client',
    })
  })

  test('a client in a transaction, which a run would not be part of', async () => {
    const client = await connected({ connectionString: database.url })
    await client.query('BEGIN')
    expect(refusal({ database: client, migrations })).toEqual({
      code: 'TM7003',
      message:
        'createMigrationRunner: "database" is not valid: this Client is in a transaction, and a run opens connections of its own',
      help: 'commit or roll back first; a run is in no transaction of the caller',
    })
  })

  test('a pool and a client that were ended', async () => {
    const pool = makePool({ connectionString: database.url })
    await pool.end()
    expect(refusal({ database: pool, migrations })).toEqual({
      code: 'TM7003',
      message: 'createMigrationRunner: "database" is not valid: this Pool was ended',
      help: 'make the runner before pool.end(), or pass another Pool or a URL',
    })
    const client = new pg.Client(database.url)
    await client.connect()
    await client.end()
    expect(refusal({ database: client, migrations })).toMatchObject({
      message: 'createMigrationRunner: "database" is not valid: this Client was ended',
    })
  })

  test.each([
    ['nothing', undefined, 'it is missing'],
    ['null', null, 'it is missing'],
    ['a number', 5432, 'a number is no database'],
    ['a promise', Promise.resolve(new pg.Pool()), 'a Promise is no database: await it'],
    ['the class', pg.Pool, 'this is the class BoundPool, not a Pool: write new Pool(…)'],
    ['a configuration', { host: 'db', database: 'shop' }, 'an object is no database'],
    ['the module', pg, 'a PG is no Pool or Client of "pg"'],
    [
      'another library',
      new (class PGlite {
        query() {}
      })(),
      'a PGlite is no Pool or Client of "pg"',
    ],
    [
      'another pool',
      new (class PromisePool {
        pool = {}
        query() {}
      })(),
      'a PromisePool is no Pool or Client of "pg"',
    ],
    [
      'postgres.js',
      Object.assign(function sql() {}, { unsafe() {}, options: {} }),
      'a function is no database',
    ],
  ])('%s', (_, given, reason) => {
    expect(refusal({ database: given, migrations })).toEqual({
      code: 'TM7003',
      message: `createMigrationRunner: "database" is not valid: ${reason}`,
      help: TAKES,
    })
  })

  test('a client over a stream that cannot be opened again, such as one of WebSockets', () => {
    const client = { connectionParameters: {}, connect() {}, query() {}, connection: { stream: {} } }
    expect(refusal({ database: client, migrations })).toMatchObject({
      message:
        'createMigrationRunner: "database" is not valid: this Client has a stream of its own, which cannot be opened again',
    })
  })

  test('a pool with a connection string that pg cannot read', () => {
    expect(
      refusal({
        database: new pg.Pool({ connectionString: 'postgres://app:secret@db:port/shop' }),
        migrations,
      }),
    ).toMatchObject({
      code: 'TM7003',
      message: expect.stringMatching(
        /^createMigrationRunner: "database" is not valid: pg cannot read the settings of this Pool: /,
      ),
    })
  })

  test('TLS options beside a Pool, which has its own', () => {
    expect(
      refusal({ database: new pg.Pool({ host: 'db', user: 'app' }), migrations, ssl: { mode: 'require' } }),
    ).toEqual({
      code: 'TM7003',
      message: 'createMigrationRunner: "ssl" is not valid: a Pool or Client has TLS settings of its own',
      help: 'give ssl to the Pool, or pass a URL as "database" or "directUrl"',
    })
  })
})

describe('the other options are checked as the gate checks its own', () => {
  const url = 'postgres://db/shop'

  test.each([
    [[], 'createMigrationRunner: options are missing'],
    [[url], 'createMigrationRunner: options are missing'],
    [[{ database: url }], 'createMigrationRunner: "migrations" is not valid: needs a folder or a reader'],
    [
      [{ database: url, migrations: '' }],
      'createMigrationRunner: "migrations" is not valid: needs a folder or a reader',
    ],
    [
      [{ database: url, migrations: new URL('file:///app/migrations') }],
      'createMigrationRunner: "migrations" is not valid: needs a folder or a reader; for a file URL use fileURLToPath(url)',
    ],
    [
      [{ database: url, migrations: 'm', commits: 'group' }],
      'createMigrationRunner: "commits" is not valid: needs "each" or "grouped"',
    ],
    [
      [{ database: url, migrations: 'm', readers: 'app' }],
      'createMigrationRunner: "readers" is not valid: needs a list of roles',
    ],
    [
      [{ database: url, migrations: 'm', lockRetries: -1 }],
      'createMigrationRunner: "lockRetries" is not valid: needs a whole number, 0 or more',
    ],
    [
      [{ database: url, migrations: 'm', schema: '' }],
      'createMigrationRunner: "schema" is not valid: needs a name',
    ],
    [
      [{ database: url, migrations: 'm', backup: 'always' }],
      'createMigrationRunner: "backup" is not valid: needs "never", "destructive" or an object that saves',
    ],
  ])('%j', (options, message) => {
    expect(refusal(...options)).toMatchObject({ code: 'TM7003', message })
  })

  test('a misspelt one is named with the one that was meant', () => {
    expect(refusal({ database: url, migrations: 'm', locktimeout: '5s' })).toEqual({
      code: 'TM7002',
      message: 'createMigrationRunner: unknown option "locktimeout"',
      help: 'did you mean "lockTimeout"?',
    })
  })
})

describe.skipIf(pgBouncerMissing !== undefined)('a Pool of a transaction pooler', () => {
  test('is refused before anything is written, and goes with directUrl', async () => {
    const pooler = await startPgBouncer({ server: database.url, mode: 'transaction' })
    cleanups.push(() => pooler.remove())
    const pool = makePool({ connectionString: pooler.url(database.url) })
    await expect(run(pool)).rejects.toMatchObject({ code: 'TM5002' })
    expect(await database.query("SELECT FROM pg_class WHERE relname = 'schema_migrations'")).toEqual([])
    expect((await run(pool, { directUrl: database.url })).done).toHaveLength(2)
  })
})
