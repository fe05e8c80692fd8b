import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { TestServer } from './server.ts'

/** A fresh database on the shared test server. */
export interface TestDatabase {
  readonly name: string
  /** As the superuser that made it. */
  readonly url: string
  /** Runs one or more statements and gives the rows of the last. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>
}

/**
 * The connection string of the shared server: `TIDEMARK_TEST_URL`, which the test run sets unless you did.
 */
export function sharedServerUrl(): string {
  const url = process.env['TIDEMARK_TEST_URL']
  if (url === undefined) {
    throw new Error('TIDEMARK_TEST_URL is not set: run the tests with vitest from the root of the repository')
  }
  return url
}

/**
 * Creates a database on the shared server, or on one of the caller's own, empty or cloned from a template.
 *
 * @example
 * const database = await createTestDatabase()
 * await database.query('CREATE TABLE t (a int)')
 * await database.drop()
 */
export async function createTestDatabase(
  options: {
    readonly template?: string
    readonly server?: Pick<TestServer, 'url'>
    /** Such as `LATIN1`, with the locale C. */
    readonly encoding?: string | undefined
  } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = pg.escapeIdentifier(options.template ?? 'template0')
  const serverUrl = options.server?.url() ?? sharedServerUrl()
  const { encoding } = options
  const encoded = encoding === undefined ? '' : ` ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`
  await queryOnce(serverUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${template}${encoded}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    name,
    url: url.href,
    query: (text, values) => queryOnce(url.href, text, values),
    drop: async () => {
      await queryOnce(serverUrl, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`)
    },
  }
}

async function queryOnce<Row extends object>(
  url: string,
  text: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'tidemark test' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(
      text,
      values && [...values],
    )
    return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
  } finally {
    await client.end()
  }
}
