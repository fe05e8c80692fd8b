import type { MigrationRunner } from '@tidemark/core'
import { openDatabase } from './open-database.ts'
import { createReader } from './read-project.ts'
import type { DatabaseSettings } from './require-database.ts'

/** Makes the runner of a project: its files and its database. */
export async function openRunner(settings: DatabaseSettings, toolVersion: string): Promise<MigrationRunner> {
  const { createMigrationRunner } = await import('@tidemark/pg-driver')
  return createMigrationRunner({
    database: await openDatabase(settings),
    migrations: createReader(settings),
    lockWait: settings.lockWaitMs,
    toolVersion,
  })
}
