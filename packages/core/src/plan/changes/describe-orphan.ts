import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { Migration } from '../../migration/model/migration.ts'
import type { MigrationRow } from '../history/history.ts'
import { readRowState } from '../history/row-state.ts'

/**
 * TM4002: applied, and the file is gone. A warning, because old code meets newer databases in every rolling deploy; an error under `strict`.
 *
 * @param renamed the file that has the same sections under another id.
 */
export function describeOrphan(
  row: MigrationRow,
  severity: 'error' | 'warning',
  renamed: Migration | undefined,
): Diagnostic {
  const state = readRowState(row).kind === 'half_rolled_back' ? 'partly rolled back' : 'applied'
  return {
    code: 'TM4002',
    severity,
    message: `"${row.id}" is ${state}, but its file is missing`,
    help:
      renamed === undefined
        ? `restore the file, or roll it back from the stored SQL: tidemark down --target ${row.id}`
        : `was it renamed to "${renamed.id}"?`,
  }
}

/** TM4012: a file that no run has applied holds exactly what was applied under an id that has no file now; to apply it would do it twice. */
export function describeRenamed(migration: Migration, row: MigrationRow): Diagnostic {
  return {
    code: 'TM4012',
    severity: 'error',
    message: `"${migration.id}" is pending and has the same SQL as the applied "${row.id}", whose file is missing`,
    source: migration.source,
    span: { start: 0, end: 0 },
    help: `name it "${row.id}" again, or keep the new name: tidemark mark ${migration.id} --as completed && tidemark mark ${row.id} --as rolled_back`,
  }
}
