import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { type MigrationGraph, nodeAt } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { findOrphans } from '../history/find-orphans.ts'
import type { StoredMigration } from '../history/history.ts'
import type { HistoryIndex } from '../history/history-index.ts'
import type { StepReason } from '../plan/plan.ts'
import { describeOrphan, describeRenamed } from './describe-orphan.ts'
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

/** TM4002 for every applied row without a file, and TM4012 where a pending file is that migration under a new name. */
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
    const file = renamed.get(row.id)
    const orphan = describeOrphan(row, strict ? 'error' : 'warning', file)
    return file === undefined ? [orphan] : [orphan, describeRenamed(file, row)]
  })
}

/** Files whose application a second time would do harm: those that run once and are due for the first time. */
function* listUnapplied(graph: MigrationGraph, due: ReadonlyMap<number, StepReason>) {
  for (const [place, reason] of due) {
    const { migration } = nodeAt(graph, place)
    const joins = migration.up.statements.length === 0
    if (reason === 'pending' && migration.header.run === 'once' && !joins) yield migration
  }
}
