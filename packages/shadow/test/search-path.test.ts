import { parseMigration } from '@tidemark/core'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShadow, type ShadowOptions } from '../src/index.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.drop())

function migration(id: string, up: string) {
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text: `-- @up\n${up}\n` })
  if (!parsed.ok) throw new TypeError('not a migration')
  return parsed.value.migration
}

const migrations = [
  migration(
    '001_a',
    "CREATE TYPE state AS ENUM ('new'); CREATE TABLE a (state state); SET search_path = public;",
  ),
  migration('002_b', 'RESET search_path; CREATE TABLE b AS SELECT * FROM a;'),
]

test.each(['this process', 'a server'])(
  'in %s the files land in the search path, whose schemas are there',
  async (where) => {
    const options: ShadowOptions = {
      migrations,
      searchPath: ['tenant "a"', 'shared', 'public'],
      schema: 'tracking',
      ...(where === 'a server' ? { server: { url: server.url, disposable: true } } : {}),
    }
    const shadow = await openShadow(options)
    try {
      await shadow.inRolledBackTransaction(async (connection) => {
        const { rows } = await connection.query(
          "SELECT nspname::text AS at, relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname IN ('a', 'b') ORDER BY 2",
        )
        expect(rows).toEqual([
          { at: 'tenant "a"', name: 'a' },
          { at: 'tenant "a"', name: 'b' },
        ])
      })
      const { rows } = await (await shadow.connect()).query(
        "SELECT current_setting('search_path') AS path, to_regnamespace('shared')::text AS shared",
      )
      expect(rows).toEqual([
        { path: expect.stringMatching(/^"tenant ""a""", "?shared"?, "?public"?$/), shared: 'shared' },
      ])
    } finally {
      await shadow.close()
    }
  },
)
