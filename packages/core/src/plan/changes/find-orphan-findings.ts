import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { type MigrationGraph, nodeAt } from '../../graph/migration-graph.ts'
import type { Migration, MigrationId } from '../../migration/model/migration.ts'
import { findOrphans } from '../history/find-orphans.ts'
import type { MigrationRow, StoredMigration } from '../history/history.ts'
import type { HistoryIndex } from '../history/history-index.ts'
import type { StepReason } from '../plan/plan.ts'
import { describeHalfRolledBack } from './describe-half-rolled-back.ts'
import { findRenamed } from './find-renamed.ts'

/** What {@link findOrphanFindings} reads. */
export interface OrphanInput {
  readonly graph: MigrationGraph
  readonly index: HistoryIndex
  readonly due: ReadonlyMap<number, StepReason>
  readonly stored: ReadonlyMap<MigrationId, StoredMigration>
  /** Orphans refuse. */
  readonly strict: boolean
}

/**
 * TM4002 for every applied row without a file, TM4012 where a pending file is that migration under a new
 * name, and TM4009 where its rollback did not finish.
 */
export function findOrphanFindings({
  graph,
  index,
  due,
  stored,
  strict,
}: OrphanInput): readonly Diagnostic[] {
  const orphans = findOrphans(graph, index)
  if (orphans.length === 0) return []
  const texts = orphans.flatMap((row) => stored.get(row.id) ?? [])
  const renamed = findRenamed(texts, listUnapplied(graph, due))
  return orphans.flatMap((row) => {
    const state = index.states.get(row.id)
    if (state?.kind === 'half_rolled_back') {
      return describeHalfRolledBack(row.id, state.statementsDone, undefined)
    }
    const file = renamed.get(row.id)
    const orphan = describeOrphan(row, strict ? 'error' : 'warning', file)
    return file === undefined ? [orphan] : [orphan, describeRenamed(file, row)]
  })
}

/**
 * Files whose application a second time would do harm: those that run once and are due for the first time.
 */
function* listUnapplied(graph: MigrationGraph, due: ReadonlyMap<number, StepReason>) {
  for (const [place, reason] of due) {
    const { migration } = nodeAt(graph, place)
    const joins = migration.up.statements.length === 0
    if (reason === 'pending' && migration.header.run === 'once' && !joins) yield migration
  }
}

/**
 * TM4002: applied, and the file is gone. A warning, because old code meets newer databases in every rolling
 * deploy; an error under `strict`.
 *
 * @param renamed the file that has the same sections under another id.
 */
export function describeOrphan(
  row: MigrationRow,
  severity: 'error' | 'warning',
  renamed: Migration | undefined,
): Diagnostic {
  return {
    code: 'TM4002',
    severity,
    message: `"${row.id}" is applied, but its file is missing`,
    help:
      renamed === undefined
        ? `restore the file, or roll it back from the stored SQL: tidemark down --target ${row.id}`
        : `was it renamed to "${renamed.id}"?`,
  }
}

/**
 * TM4012: a file that no run has applied holds exactly what was applied under an id that has no file now; to
 * apply it would do it twice.
 */
function describeRenamed(migration: Migration, row: MigrationRow): Diagnostic {
  return {
    code: 'TM4012',
    severity: 'error',
    message: `"${migration.id}" is pending and has the same SQL as the applied "${row.id}", whose file is missing`,
    source: migration.source,
    span: { start: 0, end: 0 },
    help: `name it "${row.id}" again, or keep the new name: tidemark repair ${row.id} --adopt`,
  }
}
