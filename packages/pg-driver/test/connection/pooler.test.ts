import {
  createTestDatabase,
  pgBouncerMissing,
  startPgBouncer,
  type TestDatabase,
  type TestPgBouncer,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigrationRunner, createServerDatabase, examineServer, lockKey } from '../../src/index.ts'
import { createMigrationFolder } from '../support/migration-files.ts'
import { until } from '../support/server-harness.ts'

const FILES = {
  '001_a': '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n',
  '002_b': '-- Depends on: [001_a]\n-- @up\nINSERT INTO a VALUES (1);\nSET search_path = pg_catalog;\n',
  '003_c': '-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY a_id ON a (id);\n',
}

/** The settings that a run wants in its session, as they stand in every server process of a pool. */
const SETTINGS = [
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'client_connection_check_interval',
  'default_transaction_read_only',
  'search_path',
]

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Reads the settings through the pool often enough to meet every server process. */
async function readSettings(url: string): Promise<readonly string[]> {
  const select = SETTINGS.map((name) => `current_setting('${name}') AS ${name}`).join(', ')
  const seen = new Set<string>()
  await Promise.all(
    Array.from({ length: 12 }, () =>
      withClient(url, async (client) => {
        const { rows } = await client.query(`SELECT ${select}, pg_sleep(0.02)::text AS slept`)
        seen.add(JSON.stringify(rows[0]))
      }),
    ),
  )
  return [...seen]
}

/** What is left of a run on the server: advisory locks, transactions left open, sessions of ours. */
const leftovers = (database: TestDatabase) =>
  database.query(
    `SELECT 'lock ' || l.mode AS left FROM pg_locks l WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     UNION ALL SELECT 'open ' || state FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'`,
  )

/** Waits until nothing is left; that it never ends is the test's failure. */
async function untilNone(read: () => Promise<readonly unknown[]>): Promise<void> {
  await until(async () => (await read()).length === 0)
}

/** An application that keeps the pool busy with short transactions until it is stopped. */
function startLoad(url: string, clients: number): () => Promise<void> {
  let isOver = false
  const workers = Array.from({ length: clients }, () =>
    withClient(url, async (client) => {
      while (!isOver) {
        await client.query('BEGIN')
        await client.query('SELECT pg_sleep(random() * 0.004)')
        await client.query('COMMIT')
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
      }
    }),
  )
  return async () => {
    isOver = true
    await Promise.all(workers)
  }
}

describe.skipIf(pgBouncerMissing !== undefined)(
  `PgBouncer${pgBouncerMissing === undefined ? '' : ` (skipped: ${pgBouncerMissing})`}`,
  () => {
    let folder: Awaited<ReturnType<typeof createMigrationFolder>>
    beforeAll(async () => {
      folder = await createMigrationFolder(FILES)
    })

    const withPool = async (
      options: Pick<Parameters<typeof startPgBouncer>[0], 'mode' | 'poolSize' | 'settings'>,
      work: (pool: TestPgBouncer, database: TestDatabase) => Promise<void>,
    ) => {
      const database = await createTestDatabase()
      const pool = await startPgBouncer({ server: database.url, ...options })
      try {
        await work(pool, database)
      } finally {
        await pool.remove()
        await database.drop()
      }
    }
    const runner = (database: string, directUrl?: string) =>
      createMigrationRunner({ database, migrations: folder.path, directUrl })

    describe.each([
      ['last in, first out', {}],
      ['round robin', { server_round_robin: '1' }],
      ['ignoring startup options', { ignore_startup_parameters: 'options' }],
    ])('in transaction mode, %s', (_, settings) => {
      test.each([0, 12])(
        'under the load of %i clients every run is refused, and nothing is written or left',
        (clients) =>
          withPool({ mode: 'transaction', settings }, async (pool, database) => {
            const url = pool.url(database.url)
            const before = await readSettings(url)
            expect(before).toHaveLength(1)
            const stop = startLoad(url, clients)
            try {
              for (let round = 0; round < 8; round += 1) {
                await expect(runner(url).runMigrations()).rejects.toMatchObject({
                  code: 'TM5002',
                  help: `set directUrl (TIDEMARK_DIRECT_URL) to the server itself, or to a pooler in session mode, such as postgres://postgres:…@SERVER:5432/${database.name}`,
                })
              }
            } finally {
              await stop()
            }
            expect(
              await database.query("SELECT relname FROM pg_class WHERE relname LIKE 'schema_migrations%'"),
            ).toEqual([])
            await untilNone(() => leftovers(database))
            expect(await readSettings(url)).toEqual(before)
          }),
      )
    })

    test('reading works in transaction mode under load: a plan and the status, and nothing is left', () =>
      withPool({ mode: 'transaction' }, async (pool, database) => {
        const url = pool.url(database.url)
        const before = await readSettings(url)
        await runner(database.url).runMigrations({ target: '002_b' })
        const stop = startLoad(url, 12)
        try {
          for (let round = 0; round < 5; round += 1) {
            const plan = await runner(url).createMigrationPlan()
            expect(plan.steps.map(({ id }) => id)).toEqual(['003_c'])
          }
        } finally {
          await stop()
        }
        await untilNone(() => leftovers(database))
        expect(await readSettings(url)).toEqual(before)
      }))

    test('a pooler in statement mode is refused as a pooler, and not as a lost connection', () =>
      withPool({ mode: 'statement' }, async (pool, database) => {
        await expect(runner(pool.url(database.url)).runMigrations()).rejects.toMatchObject({
          code: 'TM5002',
          help: expect.stringContaining('set directUrl'),
        })
        const url = pool.url(database.url)
        expect((await examineServer({ database: url, roles: [] })).pooler).toBe('transaction')
        const result = await runner(url, database.url).runMigrations()
        expect(result.done).toEqual(['001_a', '002_b', '003_c'])
        expect((await runner(url).createMigrationPlan()).steps).toEqual([])
      }))

    test('directUrl goes round a transaction pooler', () =>
      withPool({ mode: 'transaction' }, async (pool, database) => {
        const result = await runner(pool.url(database.url), database.url).runMigrations()
        expect(result.done).toEqual(['001_a', '002_b', '003_c'])
        expect((await runner(pool.url(database.url), database.url).runMigrations()).outcome).toBe(
          'nothing_to_do',
        )
      }))

    test.each([
      ['', {}],
      ['that takes startup options and ignores them', { ignore_startup_parameters: 'options' }],
      ['that resets nothing', { server_reset_query: '' }],
    ])('session mode %s works under load with its settings, and nothing is left behind', (_, settings) =>
      withPool({ mode: 'session', poolSize: 10, settings }, async (pool, database) => {
        const url = pool.url(database.url)
        const before = await readSettings(url)
        const stop = startLoad(url, 6)
        try {
          const seen = await createMigrationFolder({
            ...FILES,
            '004_d':
              "-- @up\nCREATE TABLE seen AS SELECT current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('client_connection_check_interval') AS alive, current_setting('lock_timeout') AS lock;\n",
          })
          await createMigrationRunner({
            database: url,
            migrations: seen.path,
            lockTimeout: '7s',
          }).runMigrations()
        } finally {
          await stop()
        }
        expect(await database.query('SELECT * FROM seen')).toEqual([
          { idle: '5min', alive: '2s', lock: '7s' },
        ])
        await untilNone(() => leftovers(database))
        expect(await readSettings(url)).toEqual(before)
      }),
    )

    test('I1: runners that start together through session poolers apply each migration once', () =>
      withPool({ mode: 'session', poolSize: 20 }, async (pool, database) => {
        const results = await Promise.all(
          Array.from({ length: 6 }, () => runner(pool.url(database.url)).runMigrations()),
        )
        expect(results.flatMap(({ done }) => done).sort()).toEqual(['001_a', '002_b', '003_c'])
        await untilNone(() => leftovers(database))
      }))

    test('a session pool of one server connection is enough', () =>
      withPool({ mode: 'session', poolSize: 1 }, async (pool, database) => {
        expect((await runner(pool.url(database.url)).runMigrations()).outcome).toBe('done')
        await untilNone(() => leftovers(database))
      }))

    test('an interrupt ends the statement behind a session pooler, by the pid of the server', () =>
      withPool({ mode: 'session', poolSize: 5 }, async (pool, database) => {
        const slow = await createMigrationFolder({ '001_slow': '-- @up\nSELECT pg_sleep(600);\n' })
        const controller = new AbortController()
        const run = createMigrationRunner({
          database: pool.url(database.url),
          migrations: slow.path,
        }).runMigrations({
          signal: controller.signal,
        })
        const sleeping = () =>
          database.query(
            "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND datname = current_database()",
          )
        let isOver = false
        run
          .finally(() => {
            isOver = true
          })
          .catch(() => undefined)
        await until(async () => isOver || (await sleeping()).length > 0)
        controller.abort()
        await expect(run).rejects.toMatchObject({ code: 'TM5008' })
        expect(await sleeping()).toEqual([])
        await untilNone(() => leftovers(database))
      }))

    test('the lock of a runner that is gone, kept by a pooler that resets nothing, is reported and never ended', () =>
      withPool({ mode: 'session', settings: { server_reset_query: '' } }, async (pool, database) => {
        const gone = new pg.Client({ connectionString: pool.url(database.url) })
        gone.on('error', () => undefined)
        await gone.connect()
        const { rows } = await gone.query<{ pid: number; client: string }>(
          `SELECT pg_backend_pid() AS pid, host(inet_client_addr()) || ':' || inet_client_port() AS client,
             pg_advisory_lock(${lockKey('public')})`,
        )
        const [held] = rows
        const ended = new Promise((resolve) => gone.once('end', resolve))
        gone.connection.stream.destroy()
        await ended
        const error: unknown = await createMigrationRunner({
          database: database.url,
          migrations: folder.path,
          lockWait: 0,
        })
          .runMigrations()
          .catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({
          code: 'TM5003',
          message: expect.stringMatching(
            new RegExp(
              `it is idle for ${held?.client} since .* and nothing has been recorded since: if its runner is gone, a pooler keeps its session; to end it: SELECT pg_terminate_backend\\(${held?.pid}\\);$`,
            ),
          ),
        })
        const { lockHolder } = await examineServer({ database: database.url, roles: [] })
        expect(lockHolder).toMatchObject({ pid: held?.pid, idle: { client: held?.client } })
        await database.query(`SELECT pg_terminate_backend(${held?.pid})`)
        await untilNone(() => leftovers(database))
        expect((await runner(database.url).runMigrations()).outcome).toBe('done')
      }))

    test('the search_path of a URL holds behind a session pooler, whatever it does with startup options', async () => {
      for (const settings of [{}, { ignore_startup_parameters: 'options' }]) {
        await withPool({ mode: 'session', settings }, async (pool, database) => {
          await database.query('CREATE SCHEMA shop')
          await runner(`${pool.url(database.url)}?schema=shop`).runMigrations({ target: '001_a' })
          expect(await database.query("SELECT schemaname FROM pg_tables WHERE tablename = 'a'")).toEqual([
            { schemaname: 'shop' },
          ])
        })
      }
    })

    test('a pooler without a free connection is a hint of its own', () =>
      withPool({ mode: 'session', settings: { max_client_conn: '1' } }, async (pool, database) => {
        const connectHolder = async (): Promise<pg.Client> => {
          const client = new pg.Client({ connectionString: pool.url(database.url) })
          client.on('error', () => undefined)
          // The look whether it listens may still count as a client.
          return client.connect().then(() => client, connectHolder)
        }
        const holder = await connectHolder()
        const open = createServerDatabase({ database: pool.url(database.url) }).openReader()
        await expect(open).rejects.toMatchObject({
          code: 'TM5001',
          help: 'the pooler has no free connection: close some, or raise its limits',
        })
        await holder.end()
      }))

    afterAll(() => folder.drop())
  },
)
