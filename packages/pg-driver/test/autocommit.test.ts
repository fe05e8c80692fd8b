import { createTestDatabase } from '@tidemark/test-servers'
import { describeUnwrapped } from './support/autocommit-suite.ts'
import { serverDatabase } from './support/server-harness.ts'

describeUnwrapped({
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { open: serverDatabase(url), query: (text) => query(text), drop }
  },
})
