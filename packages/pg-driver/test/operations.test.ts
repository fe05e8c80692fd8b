import { createTestDatabase } from '@tidemark/test-servers'
import { createEngineDatabase } from '../src/create-engine-database.ts'
import { createServerEngine } from '../src/server-engine.ts'
import { describeOperations } from './operations-suite.ts'

describeOperations({
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
