import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import { parseDatabaseUrl } from '@tidemark/pg-driver'
import { isServerError } from '@tidemark/pg-driver/engine'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import { connectToMaintenance } from './connect-to-maintenance.ts'
import type { DatabaseSettings } from './require-database.ts'

// 42P04: it is there. 23505: two created it at once, and the other one won.
const EXISTS = new Set(['42P04', '23505'])

/**
 * Creates the configured database on its server unless it is there. An embedded one is created by opening it.
 *
 * @returns its name when this call created it
 * @throws {TidemarkError} TM5001 when the server cannot be reached or refuses.
 */
export async function createMissingDatabase(settings: DatabaseSettings): Promise<string | undefined> {
  const url = settings.directUrl ?? settings.database
  if (isEmbeddedUrl(url)) return undefined
  const { database, host } = parseDatabaseUrl(url)
  const connection = await connectToMaintenance(url, { database, timeoutMs: settings.connectTimeoutMs })
  try {
    await connection.query(`CREATE DATABASE ${quoteIdentifier(database)}`)
    return database
  } catch (cause) {
    if (isServerError(cause) && EXISTS.has(cause.code)) return undefined
    throw new TidemarkError({
      code: 'TM5001',
      message: `cannot create the database "${database}" on ${host}: ${cause instanceof Error ? cause.message : String(cause)}`,
      help: 'create it by hand, as a role with CREATEDB, then run `tidemark up`',
      cause,
    })
  } finally {
    await connection.close()
  }
}
