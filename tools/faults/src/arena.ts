import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { readData, type ServerOptions, startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { mixedMigrations } from './mixed-migrations.ts'
import { compareLines, compareSnapshots, type Snapshot, takeSnapshot } from './snapshot.ts'

/** A server with the mixed migrations in a folder, and what they come to undisturbed. */
export interface Arena {
  readonly server: TestServer
  readonly folder: string
  readonly reference: Snapshot
  /** How long the undisturbed run took: the span in which disturbances are placed. */
  readonly undisturbedMs: number
  /** An empty database. */
  createDatabase(): Promise<ArenaDatabase>
  close(): Promise<void>
}

/** A database in which a disturbed run is repeated until it is done. */
export interface ArenaDatabase {
  readonly url: string
  /** Lists what differs from the undisturbed run. */
  judge(): Promise<readonly string[]>
  /** Of these ids those that are not completed; empty when what was told is true. */
  listUntrue(ids: readonly string[]): Promise<readonly string[]>
  query(text: string): Promise<readonly Record<string, unknown>[]>
  drop(): Promise<void>
}

/** Starts a server and takes the snapshot of an undisturbed run. */
export async function openArena(options: ServerOptions = {}): Promise<Arena> {
  const folder = await writeMigrations()
  const server = await startServer(options)
  const create = () => createDatabase(server)
  try {
    const { url, drop } = await create()
    const startedAt = performance.now()
    await createMigrationRunner({ database: url, migrations: folder }).runMigrations()
    const undisturbedMs = performance.now() - startedAt
    const reference = await takeSnapshot(url)
    const rows = await readData(url)
    await drop()
    return {
      server,
      folder,
      reference,
      undisturbedMs,
      async createDatabase() {
        const database = await create()
        return {
          ...database,
          async judge() {
            const findings = compareSnapshots(reference, await takeSnapshot(database.url))
            // Digests tell that a table differs; for people, in which rows.
            const differs = findings.some((finding) => finding.slice(2).startsWith('data:'))
            return differs
              ? [...findings, ...compareLines('row', rows, await readData(database.url))]
              : findings
          },
        }
      },
      async close() {
        await server.remove()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await server.remove()
    throw error
  }
}

/** Writes the mixed migrations into a folder of their own. */
export async function writeMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-faults-'))
  for (const [id, text] of Object.entries(mixedMigrations())) await writeFile(join(folder, `${id}.sql`), text)
  return folder
}

/** Creates an empty database on a server. */
export async function createDatabase(server: TestServer): Promise<Omit<ArenaDatabase, 'judge'>> {
  const name = `fault_${randomBytes(6).toString('hex')}`
  await queryOnce(server.url(), `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = server.url(name)
  return {
    url,
    query: (text) => queryOnce(url, text),
    async listUntrue(ids) {
      if (ids.length === 0) return []
      const rows = await queryOnce(url, `SELECT id FROM schema_migrations WHERE status = 'completed'`)
      const completed = new Set(rows.map((row) => row['id']))
      return ids.filter((id) => !completed.has(id))
    },
    async drop() {
      await queryOnce(server.url(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function queryOnce(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text)
    return rows
  } finally {
    await client.end()
  }
}
