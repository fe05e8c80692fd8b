import { startServer, type TestServer } from './server.ts'

let server: TestServer | undefined

/** Starts the shared server of a test run, unless `TIDEMARK_TEST_URL` names one. */
export async function setup(): Promise<void> {
  if (process.env['TIDEMARK_TEST_URL'] !== undefined) return
  server = await startServer({ settings: { max_connections: '400', max_prepared_transactions: '10' } })
  process.env['TIDEMARK_TEST_URL'] = server.url()
}

/** Removes the shared server. */
export async function teardown(): Promise<void> {
  await server?.remove()
}
