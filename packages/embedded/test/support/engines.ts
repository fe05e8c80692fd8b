import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MigrationRunner } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { type Connection, connectToServer } from '@tidemark/pg-driver/engine'
import { createTestDatabase, startServer } from '@tidemark/test-servers'
import { createEmbeddedDatabase, createEmbeddedMigrationRunner, supabaseProfileSql } from '../../src/index.ts'

/** A fresh database with the Supabase profile. */
export interface SupabaseDatabase {
  readonly connect: () => Promise<Connection>
  /** A runner whose tracking tables are in a schema of their own. */
  readonly createRunner: (migrations: string, schema: string) => MigrationRunner
  readonly close: () => Promise<void>
}

/** Both engines with the Supabase profile, by the words that test names use. */
export const supabaseEngines: Readonly<Record<'embedded' | 'on a server', () => Promise<SupabaseDatabase>>> =
  {
    embedded: async () => {
      const path = await mkdtemp(join(tmpdir(), 'tidemark-supabase-'))
      const options = { database: `pglite:${path}`, profile: 'supabase' } as const
      return {
        connect: () => createEmbeddedDatabase(options).connect('test'),
        createRunner: (migrations, schema) =>
          createEmbeddedMigrationRunner({ ...options, migrations, schema }),
        close: () => rm(path, { recursive: true, force: true }),
      }
    },
    'on a server': async () => {
      // Its roles are of the whole server: so not of the one that all tests share.
      const server = await startServer()
      const { url } = await createTestDatabase({ server })
      const connect = () => connectToServer({ url, applicationName: 'test', timeoutMs: 10_000 })
      const first = await connect()
      await first.query(supabaseProfileSql)
      await first.close() // search paths of roles apply from the next session on
      return {
        connect,
        createRunner: (migrations, schema) => createMigrationRunner({ database: url, migrations, schema }),
        close: () => server.remove(),
      }
    },
  }
