import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { compareIds } from '../../text/compare-ids.ts'
import type { MigrationRow } from './history.ts'
import type { HistoryIndex } from './history-index.ts'
import { isElsewhereRow } from './is-elsewhere-row.ts'

/**
 * Finds the rows that are applied, half rolled back or applied in an older version, and have no file; by id.
 * Rows of files for other environments, rows that a squash has set aside, and a squash all of whose replaced files are
 * there, miss nothing.
 */
export function findOrphans(graph: MigrationGraph, index: HistoryIndex): readonly MigrationRow[] {
  const ignored = new Set(graph.ignored.map((migration) => migration.id))
  const isApart = isElsewhereRow(graph)
  const orphans: MigrationRow[] = []
  for (const state of index.states.values()) {
    if (!('applied' in state)) continue
    const row = state.applied
    if (graph.indexes.has(row.id) || ignored.has(row.id) || isApart(row)) continue
    const replaces = row.header?.replaces ?? []
    if (replaces.length === 0 || !replaces.every((id) => graph.indexes.has(id))) orphans.push(row)
  }
  return orphans.sort((a, b) => compareIds(a.id, b.id))
}
