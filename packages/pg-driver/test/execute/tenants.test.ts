import { createTestDatabase } from '@tidemark/test-servers'
import type { SuiteEngine } from '../support/engine-harness.ts'
import { serverDatabase } from '../support/server-harness.ts'
import { describeTenants } from '../support/tenants-suite.ts'

const engine: SuiteEngine = {
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return { query: (text) => query(text), drop, open: serverDatabase(url) }
  },
}
describeTenants(engine, 'kept')
