import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { isElsewhere } from '../../migration/model/environments.ts'
import type { MigrationRow } from './history.ts'

/**
 * Makes the test whether a row belongs to a file for other environments: the file decides, and where it is
 * gone, the header that was stored. Such a row is neither orphaned nor changed.
 *
 * @example isElsewhereRow(graph)(row) // false: its file is for this environment
 */
export function isElsewhereRow(graph: MigrationGraph): (row: MigrationRow) => boolean {
  const ids = new Set(graph.elsewhere.flatMap(({ id, header }) => [id, ...header.replaces]))
  return ({ id, header }) =>
    !graph.indexes.has(id) && (ids.has(id) || (header !== null && isElsewhere(header, graph.environment)))
}
