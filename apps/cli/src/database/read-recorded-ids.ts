import { TidemarkError } from '@tidemark/core'
import { isServerError } from '@tidemark/pg-driver/engine'
import { openDatabase } from './open-database.ts'
import type { DatabaseSettings } from './require-database.ts'

/** SQLSTATE `invalid_catalog_name`: `up --create-db` makes the database. */
const NO_DATABASE = '3D000'

/**
 * Lists the ids of which the database remembers more than that a file was there. None where the database does
 * not exist yet.
 *
 * @throws {TidemarkError} what connecting and reading throw.
 */
export async function readRecordedIds(
  settings: DatabaseSettings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const database = await openDatabase(settings)
  try {
    const session = await database.openReader(signal)
    try {
      const history = await session.store.readHistory()
      const rows = history.kind === 'absent' ? [] : history.rows
      return rows.filter(({ status, runId }) => status !== 'pending' || runId !== null).map(({ id }) => id)
    } finally {
      await session.close()
    }
  } catch (error) {
    if (error instanceof TidemarkError && isServerError(error.cause) && error.cause.code === NO_DATABASE) {
      return []
    }
    throw error
  }
}
