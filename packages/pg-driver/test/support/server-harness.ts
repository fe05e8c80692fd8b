import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { createEngineDatabase } from '../../src/database/create-engine-database.ts'
import { createServerEngine } from '../../src/engine/server-engine.ts'
import { createHarness, type Files, type Harness } from './engine-harness.ts'

/** A harness on a server, with what only a server has: its URL, and more connections. */
export interface ServerHarness extends Harness {
  readonly server: TestDatabase
  /** Another client, as an application has one; ended with the database. */
  connect(): Promise<pg.Client>
}

/** Makes a harness on a fresh database; `url` leads there, perhaps through a relay. */
export async function createServerHarness(
  files: Files,
  url: (direct: string) => string = (direct) => direct,
): Promise<ServerHarness> {
  const server = await createTestDatabase()
  const open = serverDatabase(url(server.url))
  const clients: pg.Client[] = []
  const drop = async () => {
    await Promise.all(clients.map((client) => client.end()))
    await server.drop()
  }
  const harness = createHarness({ open, query: (text) => server.query(text), drop }, files)
  return Object.assign(harness, {
    server,
    async connect() {
      const client = new pg.Client({ connectionString: server.url })
      client.on('error', () => undefined)
      await client.connect()
      clients.push(client)
      return client
    },
  })
}

/** Opens core's port on a URL. */
export function serverDatabase(url: string): Harness['database']['open'] {
  const options = { url, directUrl: undefined, connectTimeoutMs: 10_000, ssl: undefined }
  return (settings) => createEngineDatabase(createServerEngine(options, settings), settings)
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}
