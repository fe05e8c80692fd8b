import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { compareIds } from '../../text/compare-ids.ts'
import type { MigrationRow } from './history.ts'
import { type HistoryIndex, isHalfRolledBack, standsApplied } from './history-index.ts'
import { isInForce, standingRow } from './in-force.ts'

/**
 * Finds the rows that are applied, half rolled back or in force in their version before, and have no file; by id.
 * Rows that a squash has set aside, and a squash all of whose replaced files are there, miss nothing.
 */
export function findOrphans(graph: MigrationGraph, index: HistoryIndex): readonly MigrationRow[] {
  const ignored = new Set(graph.ignored.map((migration) => migration.id))
  const orphans: MigrationRow[] = []
  for (const row of [...index.rows.values()].map(standingRow)) {
    if (graph.indexes.has(row.id) || ignored.has(row.id)) continue
    if (row.replacedBy !== null && index.rows.has(row.replacedBy)) continue
    const replaces = row.header?.replaces ?? []
    if (replaces.length > 0 && replaces.every((id) => graph.indexes.has(id))) continue
    if (standsApplied(index, row) || isHalfRolledBack(row) || isInForce(row)) orphans.push(row)
  }
  return orphans.sort((a, b) => compareIds(a.id, b.id))
}
