import { createTestDatabase } from '@tidemark/test-servers'
import { describeBatches } from '../support/batches-suite.ts'
import { serverDatabase } from '../support/server-harness.ts'

describeBatches({
  name: 'a server',
  async create() {
    const server = await createTestDatabase()
    return {
      open: serverDatabase(server.url),
      query: (text) => server.query(text),
      drop: () => server.drop(),
    }
  },
})
