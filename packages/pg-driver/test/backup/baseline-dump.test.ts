import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readCatalog, readData, startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/index.ts'
import { createMigrationFolder } from '../support/migration-files.ts'

const run = promisify(execFile)
const version = await run('pg_dump', ['--version']).then(
  ({ stdout }) => Number(/\b(\d+)\.\d+/.exec(stdout)?.[1]),
  () => undefined,
)
const missing =
  version === undefined ? 'pg_dump is not on PATH' : version < 15 ? `pg_dump ${version} is too old` : ''

const FILES = {
  '001_users': "CREATE TABLE users (id int PRIMARY KEY, name text);\nCOMMENT ON TABLE users IS 'who';",
  '002_orders':
    '-- Depends on: [001_users]\n-- @up\nCREATE TABLE orders (id serial PRIMARY KEY, buyer int REFERENCES users);\n-- @down\nDROP TABLE orders;\n',
  '003_total':
    '-- Depends on: [002_orders]\n-- @up\nALTER TABLE orders ADD total numeric NOT NULL DEFAULT 0;\n',
}

const TRACKING = ['schema_migrations', 'migration_history', 'database_schema'].map(
  (name) => `--exclude-table=${name}`,
)

describe.skipIf(missing !== '')(
  `a database made by pg_dump${missing === '' ? '' : ` (skipped: ${missing})`}`,
  () => {
    let server: TestServer
    beforeAll(async () => {
      server = await startServer({ major: '15' })
    })
    afterAll(() => server.remove())

    const query = async (database: string, text: string) => {
      const client = new pg.Client({ connectionString: server.url(database) })
      await client.connect()
      await client.query(text).finally(() => client.end())
    }

    test('is adopted by a baseline, the next migration applies, and it ends equal to a fresh one', async () => {
      for (const name of ['original', 'adopted', 'fresh']) await query('postgres', `CREATE DATABASE ${name}`)
      const folder = await createMigrationFolder(FILES)
      const runner = (name: string) =>
        createMigrationRunner({ database: server.url(name), migrations: folder.path })
      await runner('original').runMigrations({ target: '002_orders' })
      const { stdout } = await run('pg_dump', ['--inserts', ...TRACKING, server.url('original')])
      // psql passes its own lines over; the types of the tracking tables are no part of the application.
      const sql = stdout
        .replace(/^\\.*$/gm, '')
        .replace(/^(CREATE TYPE|ALTER TYPE) public\.migration_[^;]*;$/gm, '')
      await query('adopted', sql)

      const preview = await runner('adopted').baseline({ through: ['002_orders'], dryRun: true })
      expect(preview.plan.steps.map(({ id }) => id)).toEqual(['001_users', '002_orders'])
      expect(preview.plan.leftOut).toEqual(['003_total'])
      await runner('adopted').baseline({ through: ['002_orders'], reason: 'made by pg_dump' })
      expect((await runner('adopted').runMigrations()).done).toEqual(['003_total'])
      expect((await runner('fresh').runMigrations()).done).toEqual(['001_users', '002_orders', '003_total'])
      expect(await readCatalog(server.url('adopted'))).toEqual(await readCatalog(server.url('fresh')))
      expect(await readData(server.url('adopted'))).toEqual(await readData(server.url('fresh')))
      await folder.drop()
    })
  },
)
