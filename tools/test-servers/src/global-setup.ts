import { startServer } from './server.ts'

/** Starts the shared server of a test run, unless `TIDEMARK_TEST_URL` names one. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['TIDEMARK_TEST_URL'] !== undefined) return undefined
  const server = await startServer({ settings: { max_connections: '400', max_prepared_transactions: '10' } })
  process.env['TIDEMARK_TEST_URL'] = server.url()
  return () => server.remove()
}
