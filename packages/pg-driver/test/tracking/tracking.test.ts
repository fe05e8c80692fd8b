import { createTestDatabase, startServer, type TestDatabase, type TestServer } from '@tidemark/test-servers'
import { connectToServer } from '../../src/connection/connect.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { describeTracking } from '../support/tracking-suite.ts'

let database: TestDatabase
let older: TestServer
let connection: Connection

const connect = async (url: string) => {
  connection = await connectToServer({ url, applicationName: 'tracking', timeoutMs: 10_000 })
  return connection
}

describeTracking({
  name: 'a PostgreSQL server',
  connect: async () => {
    database = await createTestDatabase()
    return connect(database.url)
  },
  close: async () => {
    await connection.close()
    await database.drop()
  },
})

describeTracking({
  name: 'PostgreSQL 15',
  connect: async () => {
    older = await startServer({ major: '15' })
    return connect(older.url())
  },
  close: async () => {
    await connection.close()
    await older.remove()
  },
})
