import type { MigrationRunner } from '@tidemark/core'
import { createMigrationRunner, type MigrationOptions } from '@tidemark/pg-driver'
import { createEmbeddedDatabase, type EmbeddedDatabaseOptions } from './embedded-database.ts'

/** What {@link createEmbeddedMigrationRunner} takes. */
export interface EmbeddedRunnerOptions extends MigrationOptions, EmbeddedDatabaseOptions {}

/**
 * Makes a runner over an embedded database: `createMigrationRunner` with nothing to install. Runners of one
 * directory in one process share the database; each of `pglite:memory` has its own.
 *
 * @throws TidemarkError TM7050, TM7051.
 * @example
 * const runner = createEmbeddedMigrationRunner({ database: 'pglite:.tidemark/db', migrations: 'migrations' })
 * await runner.runMigrations()
 */
export function createEmbeddedMigrationRunner(options: EmbeddedRunnerOptions): MigrationRunner {
  const { profile, extensions, projectFolder, templatePath, ...others } = options
  return createMigrationRunner({
    ...others,
    database: createEmbeddedDatabase({ ...others, profile, extensions, projectFolder, templatePath }),
  })
}
