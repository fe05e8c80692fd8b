import type { MigrationGraph } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { findOrphans } from './find-orphans.ts'
import type { History } from './history.ts'
import { indexHistory } from './history-index.ts'

/** What {@link listIdsToLoad} reads. */
export interface IdsToLoadInput {
  readonly graph: MigrationGraph
  readonly history: History
}

/**
 * Lists the ids whose stored text `planApply` wants in order to tell what a difference is: changed files,
 * half-done files, orphans. Usually none: then nothing has to be read.
 *
 * @example const stored = await store.readStored(listIdsToLoad({ graph, history }))
 */
export function listIdsToLoad({ graph, history }: IdsToLoadInput): readonly MigrationId[] {
  const index = indexHistory(history)
  const changed = graph.nodes.flatMap(({ migration }) => {
    const row = index.rows.get(migration.id)
    const differs = row !== undefined && row.checksum !== migration.checksum
    const isPartly = (row?.statementsDone ?? 0) > 0 || row?.progress !== undefined
    const matters = row?.status === 'completed' ? migration.header.run === 'once' : isPartly
    return differs && matters ? [migration.id] : []
  })
  return [...changed, ...findOrphans(graph, index).map((row) => row.id)]
}
