import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration } from '../migration/model/migration.ts'
import type { Result } from '../result.ts'

/** Where migrations come from: a directory (`@tidemark/core/node`), a bundle, a test's literals. */
export interface MigrationReader {
  /** Reads and parses every file; all problems of all files at once. The graph is not checked here. */
  readMigrations(signal?: AbortSignal): Promise<Result<ReadMigrations, readonly Diagnostic[]>>
}

/** Every file's migration, sorted by id, with warnings and notes that do not refuse. */
export interface ReadMigrations {
  readonly migrations: readonly Migration[]
  readonly notes: readonly Diagnostic[]
}
