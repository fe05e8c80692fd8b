import { readCatalog, scopeCatalog } from '@tidemark/core'
import { createTestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { type CatalogSuiteSession, describeCatalog } from '../support/catalog-suite.ts'

async function openSession(): Promise<CatalogSuiteSession> {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  )
  return {
    major: Math.floor((rows[0]?.version ?? 0) / 10_000),
    subscriptions: 'has them',
    query: (text) => client.query(text),
    execute: async (sql) => {
      await client.query(sql)
    },
    close: async () => {
      await client.end()
      await database.drop()
    },
  }
}

describeCatalog('a server', openSession)

describe('extensions on a server', () => {
  test('are objects; what belongs to them is not, but for privileges that were changed', async () => {
    const session = await openSession()
    try {
      await session.execute('CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext')
      await session.execute('REVOKE EXECUTE ON FUNCTION ext.citextin(cstring) FROM PUBLIC')
      const catalog = await readCatalog(session)
      const keys = [...catalog.objects.keys()].filter((key) => !key.startsWith('schema '))
      expect(keys).toEqual(['extension citext', 'privileges on function ext.citextin(cstring)'])
      const scoped = scopeCatalog(catalog, { excludeSchemas: ['ext'] })
      expect([...scoped.objects.keys()]).toEqual(['extension citext', 'schema public'])
    } finally {
      await session.close()
    }
  })
})
