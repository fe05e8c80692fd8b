import type { MigrationRunner, RunHooks, SavedPlan } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createReader } from '../project/read-project.ts'
import { openBackups } from './open-backups.ts'
import { openDatabase } from './open-database.ts'
import type { DatabaseSettings } from './require-database.ts'

/** What only some runs have. */
interface RunnerExtras {
  readonly hooks?: RunHooks | undefined
  /** The plan that is executed, which carries what checks showed of each `@down`. */
  readonly saved?: Pick<SavedPlan, 'downVerdicts'> | undefined
}

/**
 * Makes the runner of a project: its files, its database, and where it saves what destructive steps take
 * away.
 */
export async function openRunner(
  settings: DatabaseSettings,
  toolVersion: string,
  signal?: AbortSignal,
  { hooks, saved }: RunnerExtras = {},
): Promise<MigrationRunner> {
  const backups = await openBackups(settings, { signal })
  return createMigrationRunner({
    database: await openDatabase(settings),
    migrations: createReader(settings, saved?.downVerdicts?.migrations),
    environment: settings.environment,
    variables: settings.variables,
    lockWait: settings.lockWaitMs,
    toolVersion,
    backup: backups?.steps,
    hooks,
    hookTimeout: settings.hookTimeoutMs,
  })
}
