import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { connectToServer } from '../src/connect.ts'
import type { Connection } from '../src/connection.ts'
import { describeTracking } from './tracking-suite.ts'

let database: TestDatabase
let connection: Connection

describeTracking({
  name: 'a PostgreSQL server',
  connect: async () => {
    database = await createTestDatabase()
    connection = await connectToServer({ url: database.url, applicationName: 'tracking', timeoutMs: 10_000 })
    return connection
  },
  close: async () => {
    await connection.close()
    await database.drop()
  },
})
