import { createTestDatabase } from '@tidemark/test-servers'
import { serverDatabase } from './server-harness.ts'
import { describeUnwrapped } from './unwrapped-suite.ts'

describeUnwrapped({
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { open: serverDatabase(url), query: (text) => query(text), drop }
  },
})
