import { createTestDatabase } from '@tidemark/test-servers'
import { describeAutocommit } from '../support/autocommit-suite.ts'
import { serverDatabase } from '../support/server-harness.ts'

describeAutocommit({
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { open: serverDatabase(url), query: (text) => query(text), drop }
  },
})
