import type { GraphNode, MigrationGraph } from '../../graph/migration-graph.ts'
import { nodeAt } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import type { MigrationRow } from '../history/history.ts'
import type { HistoryIndex } from '../history/history-index.ts'
import { type AppliedRows, listAppliedRows } from '../history/list-applied-rows.ts'
import { compareFile, type RowState } from '../history/row-state.ts'
import type { StepReason } from '../plan/plan.ts'

/** What {@link findDue} reads. */
export interface DueInput {
  readonly graph: MigrationGraph
  readonly index: HistoryIndex
  /** `Run: on_change` migrations to run again although nothing calls for it. */
  readonly rerun: ReadonlySet<MigrationId>
  /** What `listAppliedRows` gives, where it is known already. */
  readonly applied?: AppliedRows
}

/**
 * Finds every migration that should run, by its place in the graph, with the reason; in topological order.
 * Pending = files − applied, by id. A changed `Run: on_change` file is due again, and with it the on_change
 * files that depend on it.
 *
 * @example findDue({ graph, index: indexHistory(history), rerun: new Set() }).size // how many are pending
 */
export function findDue(input: DueInput): ReadonlyMap<number, StepReason> {
  const due = new Map<number, StepReason>()
  const applied = input.applied ?? listAppliedRows(input.graph, input.index)
  for (const node of input.graph.nodes) {
    const reason = findReason(node, applied[node.index], input, due)
    if (reason !== undefined) due.set(node.index, reason)
  }
  return due
}

function findReason(
  node: GraphNode,
  applied: MigrationRow | undefined,
  input: DueInput,
  due: ReadonlyMap<number, StepReason>,
): StepReason | undefined {
  const { id } = node.migration
  if (applied === undefined) return reasonOfUnapplied(input.index.states.get(id))
  if (node.migration.header.run !== 'on_change' || applied.id !== id) return undefined
  if (input.rerun.has(id)) return 'requested'
  if (compareFile(node.migration, applied) === 'older') return undefined
  if (applied.checksum !== node.migration.checksum) return 'changed'
  return dependencyChanged(node, applied, input, due) ? 'dependency_changed' : undefined
}

function reasonOfUnapplied(state: RowState | undefined): StepReason {
  if (state === undefined || !('statementsDone' in state)) return 'pending'
  return state.statementsDone > 0 ? 'resumed' : 'failed'
}

function dependencyChanged(
  node: GraphNode,
  row: MigrationRow,
  { graph, index }: DueInput,
  due: ReadonlyMap<number, StepReason>,
): boolean {
  return node.dependencies.some((place) => {
    const dependency = nodeAt(graph, place).migration
    if (dependency.header.run !== 'on_change') return false
    return due.has(place) || ranAfter(index.rows.get(dependency.id), row)
  })
}

/** A run may end between a re-run and those of its dependents: the next run takes up what is left. */
function ranAfter(dependency: MigrationRow | undefined, row: MigrationRow): boolean {
  const [later, earlier] = [dependency?.lastAppliedAfter, row.lastAppliedAfter]
  if (later != null && earlier != null) return later > earlier
  const theirs = dependency?.lastAppliedAt
  const own = row.lastAppliedAt ?? row.appliedAt
  return theirs != null && own != null && theirs.getTime() > own.getTime()
}
