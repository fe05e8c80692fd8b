import type { MigrationGraph } from '../../graph/migration-graph.ts'
import type { MigrationRow } from './history.ts'
import { findAppliedRow, findPresentRow, type HistoryIndex } from './history-index.ts'
import { compareFile } from './row-state.ts'

/**
 * For each place in the graph the row by which the migration counts as applied: one look-up by id each,
 * however many edges ask.
 */
export type AppliedRows = readonly (MigrationRow | undefined)[]

/** Lists {@link AppliedRows}. A migration is applied also when only another content of its file failed. */
export function listAppliedRows(graph: MigrationGraph, index: HistoryIndex): AppliedRows {
  return graph.nodes.map(({ migration }) => {
    const own = index.rows.get(migration.id)
    const isKept = own !== undefined && compareFile(migration, own) !== 'different'
    const find = isKept ? findPresentRow : findAppliedRow
    return find(index, migration.id)
  })
}
