import { type Connection, connectToServer } from '@tidemark/pg-driver/engine'
import { createTestDatabase } from '@tidemark/test-servers'
import { openEmbeddedEngine, supabaseProfileSql } from '../../src/index.ts'

/** A fresh database with one connection. */
export interface OpenedDatabase {
  readonly connection: Connection
  readonly close: () => Promise<void>
}

/** Both engines with the Supabase profile, by the words that test names use. */
export const supabaseEngines: Readonly<Record<'embedded' | 'on a server', () => Promise<OpenedDatabase>>> = {
  embedded: async () => {
    const engine = await openEmbeddedEngine({ location: { kind: 'memory' }, profile: 'supabase' })
    const connection = await engine.connect({ applicationName: 'test' })
    return {
      connection,
      close: async () => {
        await connection.close()
        await engine.close()
      },
    }
  },
  'on a server': async () => {
    const database = await createTestDatabase()
    const connect = () => connectToServer({ url: database.url, applicationName: 'test', timeoutMs: 10_000 })
    const first = await connect()
    await first.query(supabaseProfileSql)
    await first.close() // search paths of roles apply from the next session on
    const connection = await connect()
    return {
      connection,
      close: async () => {
        await connection.close()
        await database.drop()
      },
    }
  },
}
