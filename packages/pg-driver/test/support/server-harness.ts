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

/**
 * Makes a harness on a fresh database, perhaps with an encoding of its own; `url` leads there, perhaps
 * through a relay.
 */
export async function createServerHarness(
  files: Files,
  url: (direct: string) => string = (direct) => direct,
  encoding?: string,
): Promise<ServerHarness> {
  const server = await createTestDatabase({ encoding })
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

/** SQL that runs until {@link release} is called, however long the test takes to look. */
export const HELD =
  "DO $held$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'release') LOOP PERFORM pg_catalog.pg_sleep(0.01); END LOOP; END $held$;"

/** Lets {@link HELD} end. */
export async function release({ server }: ServerHarness): Promise<void> {
  await server.query('CREATE TABLE public.release ()')
}

/** The server processes of the harness's own database that run a statement with this text. */
export async function sessionsRunning({ server }: ServerHarness, text: string): Promise<readonly number[]> {
  const rows = await server.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND strpos(query, $1) > 0`,
    [text],
  )
  return rows.map(({ pid }) => pid)
}

/** Waits until a statement with this text runs in the harness's own database. */
export async function untilRunning(harness: ServerHarness, text: string): Promise<void> {
  await until(async () => (await sessionsRunning(harness, text)).length > 0)
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}
