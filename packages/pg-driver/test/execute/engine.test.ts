import { createTestDatabase } from '@tidemark/test-servers'
import { createEngineDatabase } from '../../src/database/create-engine-database.ts'
import { createServerEngine } from '../../src/engine/server-engine.ts'
import { describeEngine } from '../support/engine-suite.ts'

describeEngine({
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return {
      query: (text) => query(text),
      drop,
      open: (settings) =>
        createEngineDatabase(
          createServerEngine(
            { url, directUrl: undefined, connectTimeoutMs: 10_000, ssl: undefined },
            settings,
          ),
          settings,
        ),
    }
  },
})
