import type { MigrationRunner, RunHooks } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createReader } from '../project/read-project.ts'
import { openBackups } from './open-backups.ts'
import { openDatabase } from './open-database.ts'
import type { DatabaseSettings } from './require-database.ts'

/**
 * Makes the runner of a project: its files, its database, and where it saves what destructive steps take
 * away.
 */
export async function openRunner(
  settings: DatabaseSettings,
  toolVersion: string,
  signal?: AbortSignal,
  hooks?: RunHooks,
): Promise<MigrationRunner> {
  const backups = await openBackups(settings, { signal })
  return createMigrationRunner({
    database: await openDatabase(settings),
    migrations: createReader(settings),
    environment: settings.environment,
    variables: settings.variables,
    lockWait: settings.lockWaitMs,
    toolVersion,
    backup: backups?.steps,
    hooks,
    hookTimeout: settings.hookTimeoutMs,
  })
}
