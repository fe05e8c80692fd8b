import type { MigrationGraph } from '../graph/migration-graph.ts'
import type { MigrationRow } from './history.ts'
import { findAppliedRow, type HistoryIndex } from './history-index.ts'

/** For each place in the graph the row by which the migration counts as applied: one look-up by id each, however many edges ask. */
export type AppliedRows = readonly (MigrationRow | undefined)[]

/** Lists {@link AppliedRows}. */
export function listAppliedRows(graph: MigrationGraph, index: HistoryIndex): AppliedRows {
  return graph.nodes.map((node) => findAppliedRow(index, node.migration.id))
}
