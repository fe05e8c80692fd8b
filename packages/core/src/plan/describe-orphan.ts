import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { MigrationGraph } from '../graph/migration-graph.ts'
import type { MigrationId } from '../migration/migration.ts'
import type { MigrationRow, StoredMigration } from './history.ts'
import { type HistoryIndex, isHalfRolledBack } from './history-index.ts'

/** What {@link describeOrphan} reads beside the row. */
export interface OrphanContext {
  readonly graph: MigrationGraph
  readonly index: HistoryIndex
  readonly stored: ReadonlyMap<MigrationId, StoredMigration>
  readonly strict: boolean
}

/** TM4002: applied, and the file is gone. A warning, because old code meets newer databases in every rolling deploy; an error under `strict`. */
export function describeOrphan(row: MigrationRow, context: OrphanContext): Diagnostic {
  const state = isHalfRolledBack(row) ? 'half rolled back' : 'applied'
  return {
    code: 'TM4002',
    severity: context.strict ? 'error' : 'warning',
    message: `"${row.id}" is ${state} and has no file`,
    help: `restore the file, or roll it back from the stored SQL: tidemark down --target ${row.id}`,
  }
}
