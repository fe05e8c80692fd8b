import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { listWithAncestors } from '../../graph/reach.ts'
import type { Migration, MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { describeUnknownId } from '../apply/describe-unknown-id.ts'
import type { History } from '../history/history.ts'
import { findAppliedRow, indexHistory } from '../history/history-index.ts'
import { completePlan } from '../plan/complete-plan.ts'
import type { MigrationPlan, PlanStep } from '../plan/plan.ts'

/** What {@link planBaseline} reads. */
export interface PlanBaselineInput {
  readonly graph: MigrationGraph
  readonly history: History
  /** The last migrations whose effect the database already has. */
  readonly through: readonly MigrationId[]
}

/**
 * Decides which migrations an existing database is to count as applied: those named and all they need,
 * without executing anything. What is applied already stays as it is. Objects that exist are no reason to
 * refuse.
 *
 * @returns the plan, or TM2007 for an id that no file has.
 * @example planBaseline({ graph, history, through: ['040_add_phone'] })
 */
export function planBaseline(input: PlanBaselineInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, history, through } = input
  const unknown = through.filter((id) => !graph.indexes.has(id))
  if (unknown.length > 0) return err(unknown.map((id) => describeUnknownId(graph, id)))
  const index = indexHistory(history)
  const isApplied = (migration: Migration) => findAppliedRow(index, migration.id) !== undefined
  const inside = listWithAncestors(graph, through).map((node) => node.migration)
  const insideIds = new Set(inside.map((migration) => migration.id))
  const outside = graph.nodes.filter(({ migration }) => !insideIds.has(migration.id) && !isApplied(migration))
  return ok(
    completePlan({
      direction: 'up',
      request: { action: 'baseline', through: [...new Set(through)].sort() },
      steps: inside.flatMap((migration): readonly PlanStep[] =>
        isApplied(migration) ? [] : [{ kind: 'record', id: migration.id, migration, as: 'baseline' }],
      ),
      findings: graph.notes,
      total: graph.nodes.length,
      leftOut: outside.map((node) => node.migration.id),
      graph,
      history,
    }),
  )
}
