import { createTestDatabase } from '@tidemark/test-servers'
import { describeCopy } from '../support/copy-suite.ts'
import { serverDatabase } from '../support/server-harness.ts'

describeCopy({
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { open: serverDatabase(url), query: (text) => query(text), drop }
  },
})
