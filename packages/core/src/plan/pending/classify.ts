import type { GraphNode, MigrationGraph } from '../../graph/migration-graph.ts'
import type { Migration, MigrationId } from '../../migration/model/migration.ts'
import { findOrphans } from '../history/find-orphans.ts'
import type { History, MigrationRow } from '../history/history.ts'
import { type HistoryIndex, indexHistory } from '../history/history-index.ts'
import { isElsewhereRow } from '../history/is-elsewhere-row.ts'
import { listAppliedRows } from '../history/list-applied-rows.ts'
import { compareFile } from '../history/row-state.ts'
import type { StepReason } from '../plan/plan.ts'
import { findDue } from './find-due.ts'

/**
 * The state of one migration. `pending`, `failed`, `running` and `half_rolled_back` count as pending; all
 * others but `orphaned` and `elsewhere` as applied. `changed`: applied, and the file differs since. `older`: a `Run:
 * on_change` file that this database has left behind.
 */
export type MigrationState =
  | {
      readonly kind: 'pending'
      readonly migration: Migration
      readonly row: MigrationRow | null
      readonly reason: StepReason
    }
  | { readonly kind: 'failed' | 'running'; readonly migration: Migration; readonly row: MigrationRow }
  /** `row` may be that of a squash that replaces this migration. */
  | {
      readonly kind: 'applied' | 'changed' | 'older'
      readonly migration: Migration
      readonly row: MigrationRow
    }
  /** A rollback without a transaction did not finish. `migration` is null where the file is gone. */
  | { readonly kind: 'half_rolled_back'; readonly migration: Migration | null; readonly row: MigrationRow }
  /** For other environments: neither pending nor required, whether applied or not. `migration` is null where the file is gone. */
  | { readonly kind: 'elsewhere'; readonly migration: Migration | null; readonly row: MigrationRow | null }
  /** Applied, but its file is gone. */
  | { readonly kind: 'orphaned'; readonly row: MigrationRow }

/** What {@link classify} reads. */
export interface ClassifyInput {
  readonly graph: MigrationGraph
  readonly history: History
}

/**
 * Gives the state of every file and every applied row: files in topological order, then files for other environments and
 * orphans, by id.
 * By checksum alone; `planApply` decides what a change means. O(n + e + rows).
 *
 * @example classify({ graph, history }).get('001_users')?.kind // 'applied'
 */
export function classify({ graph, history }: ClassifyInput): ReadonlyMap<MigrationId, MigrationState> {
  const index = indexHistory(history)
  const applied = listAppliedRows(graph, index)
  const due = findDue({ graph, index, rerun: new Set(), applied })
  const states = new Map<MigrationId, MigrationState>()
  for (const node of graph.nodes) {
    const seen = { own: index.rows.get(node.migration.id), applied: applied[node.index] }
    const { id } = node.migration
    states.set(id, findHalf(index, id, node.migration) ?? stateOf(node, seen, due.get(node.index)))
  }
  for (const [id, state] of findElsewhere(graph, index)) states.set(id, state)
  for (const row of findOrphans(graph, index)) {
    states.set(row.id, findHalf(index, row.id, null) ?? { kind: 'orphaned', row })
  }
  return states
}

/** Files for other environments, and applied rows of such files that are gone. */
function* findElsewhere(
  graph: MigrationGraph,
  { rows, states }: HistoryIndex,
): Iterable<readonly [MigrationId, MigrationState]> {
  const isApart = isElsewhereRow(graph)
  const files = new Set(graph.elsewhere.map(({ id }) => id))
  const isApplied = ({ id }: MigrationRow) => 'applied' in (states.get(id) ?? {})
  for (const migration of graph.elsewhere) {
    const row = rows.get(migration.id) ?? null
    yield [migration.id, { kind: 'elsewhere', migration, row }]
  }
  for (const row of rows.values()) {
    if (!files.has(row.id) && isApplied(row) && isApart(row))
      yield [row.id, { kind: 'elsewhere', migration: null, row }]
  }
}

function findHalf(
  { states, rows }: HistoryIndex,
  id: MigrationId,
  migration: Migration | null,
): MigrationState | undefined {
  const row = rows.get(id)
  if (row === undefined || states.get(id)?.kind !== 'half_rolled_back') return undefined
  return { kind: 'half_rolled_back', migration, row }
}

function stateOf(
  { migration }: GraphNode,
  { own, applied }: { readonly own: MigrationRow | undefined; readonly applied: MigrationRow | undefined },
  reason: StepReason | undefined,
): MigrationState {
  if (reason !== undefined || applied === undefined) {
    if (applied === undefined && own !== undefined && (own.status === 'failed' || own.status === 'running')) {
      return { kind: own.status, migration, row: own }
    }
    return { kind: 'pending', migration, row: own ?? null, reason: reason ?? 'pending' }
  }
  if (applied.id !== migration.id || applied.checksum === migration.checksum) {
    return { kind: 'applied', migration, row: applied }
  }
  return { kind: compareFile(migration, applied) === 'older' ? 'older' : 'changed', migration, row: applied }
}
