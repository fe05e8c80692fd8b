import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const SCHEMA = `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE);
  CREATE VIEW emails AS SELECT email FROM users;
  INSERT INTO users (email) VALUES ('ada@example.com');`

test('a first migration from a server: then up on an empty database and on that one end equal', async () => {
  const { run, folder, server } = await openProject({}, 'server')
  if (server === undefined) throw new TypeError('no server')
  await server.query(SCHEMA)
  const shown = await run(['baseline', '--from-database', '--dry-run'])
  expect(shown.code).toBe(0)
  expect(existsSync(join(folder, 'migrations'))).toBe(false)
  expect(await run(['baseline', '--from-database'])).toEqual({
    code: 0,
    stdout: `✓ migrations/001_baseline.sql  1 table, makes the same schema on an empty database
The database was only read. It has this schema already, so record the migration there: tidemark baseline --through 001_baseline
`,
    stderr: '',
  })
  const text = await readFile(join(folder, 'migrations/001_baseline.sql'), 'utf8')
  expect(text).toBe(shown.stdout)
  expect(text).not.toContain('ada@example.com')
  // The database was only read: no tracking tables.
  expect(await server.query("SELECT FROM pg_class WHERE relname = 'schema_migrations'")).toEqual([])

  expect((await run(['baseline', '--through', '001_baseline', '--yes'])).code).toBe(0)
  expect((await run(['up'])).stdout).toContain('1 of 1 applied, nothing pending')
  expect(await server.query('SELECT email FROM users')).toEqual([{ email: 'ada@example.com' }])
  const empty = await createTestDatabase()
  onTestFinished(() => empty.drop())
  expect((await run(['up', '--database-url', empty.url])).code).toBe(0)
  const columns =
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name IN ('users', 'emails') ORDER BY 1, 2"
  expect(await empty.query(columns)).toEqual(await server.query(columns))

  expect(await run(['baseline', '--from-database'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7011: there are migrations already, such as "001_baseline": this writes the first one
help: use another folder with --dir, or record what the database has: tidemark baseline --through ID
`,
  })
})

test('without anything named nothing is recorded', async () => {
  const { run } = await openProject({}, 'embedded')
  expect(await run(['baseline'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7008: nothing is named to record
help: name the last migration that the database has with --through ID, or write a first one with --from-database
`,
  })
})
