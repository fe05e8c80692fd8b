import { createTestDatabase } from '@tidemark/test-servers'
import { serverDatabase } from './support/server-harness.ts'
import { describeUnwrapped } from './support/unwrapped-suite.ts'

describeUnwrapped({
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { open: serverDatabase(url), query: (text) => query(text), drop }
  },
})
