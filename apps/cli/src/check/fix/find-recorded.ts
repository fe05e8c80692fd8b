import { type MigrationId, TidemarkError } from '@tidemark/core'
import type { Settings } from '../../config/settings.ts'
import { readRecordedIds } from '../../database/read-recorded-ids.ts'
import { requireDatabase } from '../../database/require-database.ts'

/** What all configured databases know of migrations. */
export interface Recorded {
  /** Where each migration is recorded, such as `"production"`. */
  readonly places: ReadonlyMap<MigrationId, string>
  /** Why nothing is known of one of them; null where all were reached. */
  readonly unreached: string | null
}

/** Loads the settings of one environment; undefined: those without one. */
export type LoadEnvironment = (environment: string | undefined) => Promise<Settings>

/**
 * Asks the databases of all environments, and the one that is configured outside of them, what is recorded there.
 * Where none is configured there is nothing to ask.
 *
 * @param except the URL of a database that is not asked.
 */
export async function findRecorded(
  settings: Settings,
  load: LoadEnvironment,
  signal: AbortSignal,
  except?: string,
): Promise<Recorded> {
  const places = new Map<MigrationId, string>()
  for (const environment of [undefined, ...settings.environments]) {
    const name = environment === undefined ? 'the configured database' : `the database of "${environment}"`
    try {
      const own = await load(environment)
      if (environment === undefined && own.database === undefined && own.unsetDatabase === undefined) continue
      if (except !== undefined && own.database === except) continue
      for (const id of await readRecordedIds(requireDatabase(own), signal)) places.set(id, name)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TidemarkError)) throw error
      return { places, unreached: `${name} was not reached: ${error.message}` }
    }
  }
  return { places, unreached: null }
}
