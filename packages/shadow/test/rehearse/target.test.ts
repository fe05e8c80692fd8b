import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scanSql } from '@tidemark/core'
import { connectToServer, openWire } from '@tidemark/pg-driver/engine'
import {
  createTestDatabase,
  sharedServerUrl,
  startServer,
  startStandby,
  type TestDatabase,
  type TestServer,
} from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chain, migration } from '../support/migrations.ts'
import { applyTo, linesOf, rehearseOn, statementsOf } from './support.ts'

const SHOP = chain({
  '001_shop': `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL);
    CREATE UNIQUE INDEX users_email_key ON users (email);
    CREATE TABLE orders (id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, cents int);`,
})
const PENDING = [
  ...SHOP,
  migration('002_cents', 'ALTER TABLE orders ALTER COLUMN cents TYPE bigint;', ['001_shop']),
]

/** A server of an older version than that of the shadow, which writes every statement into a log. */
describe('the target of a rehearsal', () => {
  let server: TestServer
  let database: TestDatabase
  beforeAll(async () => {
    server = await startServer({
      major: '15',
      settings: {
        log_statement: 'all',
        logging_collector: 'on',
        log_directory: 'log',
        log_filename: 'all.log',
        log_line_prefix: '',
        shared_preload_libraries: 'pg_stat_statements',
      },
    })
    database = await createTestDatabase({ server })
    await applyTo(database, SHOP)
    await database.query(`INSERT INTO users (email) SELECT 'u' || g FROM generate_series(1, 3000) g;
      INSERT INTO orders (user_id, cents) SELECT g, g FROM generate_series(1, 3000) g; ANALYZE`)
  })
  afterAll(async () => {
    await server.remove()
  })

  /** The statements that the server has logged while something was done, each by its first words. */
  const logged = async (work: () => Promise<unknown>): Promise<ReadonlySet<string>> => {
    const folder = join(server.dataDirectory, 'log')
    const read = () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('')
    const before = read().length
    await work()
    const messages = read()
      .slice(before)
      .split(/^LOG: {2}(?:statement|execute [^:]*): /m)
      .slice(1)
    const statements = messages.flatMap((logged) => {
      const text = logged.replaceAll('\n\t', '\n')
      return scanSql(text).statements.map(({ codeStart, codeEnd }) => text.slice(codeStart, codeEnd))
    })
    return new Set(
      statements.map((text) =>
        text
          .replaceAll(/\s+/g, ' ')
          .replace(/^(select|SET LOCAL \w+) .*/i, '$1')
          .toUpperCase(),
      ),
    )
  }

  test('sees BEGIN READ ONLY, SET, SELECT and ROLLBACK, and nothing else', async () => {
    const seen = await logged(async () => {
      const report = await rehearseOn(database, PENDING, { recorded: 'read' })
      expect(statementsOf(report)).toEqual([
        '002_cents ran',
        ' 0; ACCESS EXCLUSIVE public.orders seen; rewrite orders 3000; everybody',
      ])
    })
    expect([...seen].sort()).toEqual([
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
      'ROLLBACK',
      'SELECT',
      'SET LOCAL SEARCH_PATH',
    ])
  })

  test('with a dump sees locks that let everybody go on, and nothing is written', async () => {
    await database.query(`CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
      CREATE VIEW same AS SELECT o.id FROM orders o WHERE o.cents === 1;`)
    const options = { url: database.url, applicationName: 'dump', timeoutMs: 10_000 }
    const pending = [...PENDING, migration('003_view', 'DROP VIEW same;', ['002_cents'])]
    const without = await rehearseOn(database, pending)
    expect(without.differences).toEqual([
      'operator public.===(integer,integer) is missing',
      'view public.same is missing',
    ])
    expect(linesOf(without)).toEqual([
      'error does-not-run 003_view: "003_view" fails: view "same" does not exist',
    ])
    const seen = await logged(async () => {
      const report = await rehearseOn(database, PENDING, { openWire: () => openWire(options) })
      expect(report.copiedFrom).toBe('dump')
      expect(report.differences).toEqual([])
      expect(linesOf(report)).toEqual([
        'error does-not-run 002_cents: "002_cents" fails: cannot alter type of a column used by a view or rule',
      ])
    })
    const locks = [...seen].filter((text) => text.startsWith('LOCK TABLE'))
    expect(locks.length).toBeGreaterThan(0)
    expect(locks.every((text) => text.endsWith('IN ACCESS SHARE MODE'))).toBe(true)
    expect(
      [...seen].filter((text) => /^(?:INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|COMMIT)/.test(text)),
    ).toEqual([])
    await database.query('DROP VIEW same; DROP OPERATOR === (int, int)')
  })

  test('says what it has executed, and as whom', async () => {
    await database.query(`CREATE EXTENSION pg_stat_statements; SELECT pg_stat_statements_reset();
      CREATE ROLE web LOGIN PASSWORD 'w'; GRANT SELECT ON orders TO web;`)
    const web = new URL(database.url)
    web.username = 'web'
    web.password = 'w'
    const connection = await connectToServer({ url: web.href, applicationName: 'web', timeoutMs: 10_000 })
    await connection.query('SELECT cents FROM orders WHERE id = 7')
    const pending = [...SHOP, migration('002_private', 'REVOKE SELECT ON orders FROM web;', ['001_shop'])]
    const report = await rehearseOn(database, pending, { recorded: 'read' })
    expect(linesOf(report)).toEqual([
      'error breaks-query 002_private: a query of pg_stat_statements does not work afterwards: permission denied for table orders',
      'warning drift: 1 object is not as the migrations make them: the rehearsal is of the schema as it is',
    ])
    await connection.close()
    await database.query('DROP EXTENSION pg_stat_statements; DROP OWNED BY web; DROP ROLE web')
    const missing = await rehearseOn(database, SHOP, { recorded: 'read' })
    expect(linesOf(missing)).toEqual([
      'not rehearsed the target: queries: the extension pg_stat_statements is not installed there',
    ])
  })

  test('names who holds a table now, and who keeps its schema from being read', async () => {
    const connection = await connectToServer({
      url: database.url,
      applicationName: 'nightly',
      timeoutMs: 10_000,
    })
    await connection.query('BEGIN')
    await connection.query('SELECT 1 FROM orders LIMIT 1')
    const read = await rehearseOn(database, PENDING)
    expect(linesOf(read)).toEqual([
      expect.stringMatching(
        /^warning waits-for-others: pid \d+ \(nightly, role postgres, idle in transaction, for \d+ s\) holds ACCESS SHARE on public.orders now; the plan wants ACCESS EXCLUSIVE$/,
      ),
    ])
    await connection.query('LOCK TABLE orders IN ACCESS EXCLUSIVE MODE')
    await expect(rehearseOn(database, PENDING)).rejects.toMatchObject({
      code: 'TM5009',
      help: expect.stringMatching(/^pid \d+ \(nightly, .*\) holds it on public.orders: run it again/),
    })
    await connection.query('ROLLBACK')
    await connection.close()
  })

  test('may be older than the shadow, on a server too, and not newer', async () => {
    const url = sharedServerUrl()
    const report = await rehearseOn(database, PENDING, { shadow: { server: { url, disposable: true } } })
    expect(report.shadow.engine).toBe('server')
    expect(statementsOf(report)).toEqual([
      '002_cents ran',
      ' 0; ACCESS EXCLUSIVE public.orders seen; rewrite orders 3000; everybody',
    ])
    const newer = await createTestDatabase()
    await applyTo(newer, SHOP)
    await expect(
      rehearseOn(newer, PENDING, { shadow: { server: { url: server.url(), disposable: true } } }),
    ).rejects.toMatchObject({ code: 'TM5050' })
    await newer.drop()
  })

  test('may be a standby, and may show its tables to a role that reads the tracking tables alone', async () => {
    await database.query(`CREATE ROLE reader LOGIN PASSWORD 'r';
      GRANT SELECT ON schema_migrations, migration_history, database_schema TO reader`)
    const standby = await startStandby(server)
    try {
      const url = new URL(standby.url(database.name))
      url.username = 'reader'
      url.password = 'r'
      const report = await rehearseOn({ url: url.href }, PENDING)
      expect(report.target).toMatchObject({ isStandby: true, role: 'reader' })
      expect(statementsOf(report)).toEqual([
        '002_cents ran',
        ' 0; ACCESS EXCLUSIVE public.orders seen; rewrite orders 3000; everybody',
      ])
    } finally {
      await standby.remove()
    }
  })
})
