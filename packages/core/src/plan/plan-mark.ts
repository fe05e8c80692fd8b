import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { findNode, type MigrationGraph, nodeAt } from '../graph/migration-graph.ts'
import type { MigrationId } from '../migration/migration.ts'
import { err, ok, type Result } from '../result.ts'
import { type AppliedOrder, orderApplied } from './applied-order.ts'
import { completePlan } from './complete-plan.ts'
import { describeUnknownId } from './describe-unknown-id.ts'
import type { History } from './history.ts'
import { findAppliedRow } from './history-index.ts'
import type { MigrationPlan, PlanStep } from './plan.ts'

/** How {@link planMark} marks. */
export type MarkAs = 'completed' | 'pending' | 'rolled_back'

/** What {@link planMark} reads. */
export interface PlanMarkInput {
  readonly graph: MigrationGraph
  readonly history: History
  readonly ids: readonly MigrationId[]
  readonly as: MarkAs
}

/**
 * Decides how migrations are marked after manual SQL: recorded, without executing anything. Marking twice is no step.
 * Dependencies that are not applied, or dependents that are, are findings (TM4011), not refusals: the user knows what was done by hand.
 *
 * @returns the plan, or TM2007 for an id that neither a file nor a row has.
 * @example planMark({ graph, history, ids: ['007_fix'], as: 'completed' })
 */
export function planMark(input: PlanMarkInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, history, as } = input
  const order = orderApplied(graph, history)
  const ids = [...new Set(input.ids)]
  const unknown = ids.filter((id) => !isKnown(order, id, as))
  if (unknown.length > 0) return err(unknown.map((id) => describeUnknownId(graph, id)))
  const steps = ids.flatMap((id) => markStep(order, id, as))
  const marked = new Set(steps.map((step) => step.id))
  return ok(
    completePlan({
      direction: as === 'completed' ? 'up' : 'down',
      request: { action: 'mark', ids: [...ids].sort(), as },
      steps,
      findings: steps.flatMap((step) => findOutOfOrder(order, step, marked)),
      total: graph.nodes.length,
      leftOut: [],
      graph,
      history,
    }),
  )
}

/** To be completed a migration needs a file, for its text is recorded; to be anything else it needs a row. */
function isKnown({ graph, index }: AppliedOrder, id: MigrationId, as: MarkAs): boolean {
  return graph.indexes.has(id) || (as !== 'completed' && index.rows.has(id))
}

function markStep({ graph, index }: AppliedOrder, id: MigrationId, as: MarkAs): readonly PlanStep[] {
  const migration = findNode(graph, id)?.migration
  const ownId = index.rows.has(id) ? id : (migration?.id ?? id)
  const row = index.rows.get(ownId)
  if (as !== 'completed') {
    const file = migration?.id === ownId ? migration : null
    return row === undefined || row.status === as
      ? []
      : [{ kind: 'unrecord', id: ownId, migration: file, as }]
  }
  if (migration === undefined || row?.status === 'completed') return []
  return [{ kind: 'record', id: migration.id, migration, as: 'mark' }]
}

function findOutOfOrder(
  order: AppliedOrder,
  step: PlanStep,
  marked: ReadonlySet<MigrationId>,
): readonly Diagnostic[] {
  if (step.kind === 'unrecord') {
    const left = order.listDependents(step.id).filter((id) => !marked.has(id))
    return left.length === 0 ? [] : [describe(step, left, 'which depends on it, stays applied')]
  }
  const dependencies = findNode(order.graph, step.id)?.dependencies ?? []
  const missing = dependencies
    .map((place) => nodeAt(order.graph, place).migration.id)
    .filter((id) => !marked.has(id) && findAppliedRow(order.index, id) === undefined)
  return missing.length === 0 ? [] : [describe(step, missing, 'which it depends on, is not applied')]
}

function describe(step: PlanStep, others: readonly MigrationId[], what: string): Diagnostic {
  const source = step.kind === 'roll_back' ? undefined : step.migration?.source
  return {
    code: 'TM4011',
    severity: 'warning',
    message: `"${step.id}" is marked, but ${others.map((id) => `"${id}"`).join(', ')}, ${what}`,
    ...(source === undefined ? {} : { source, span: { start: 0, end: 0 } }),
    help: 'mark these as well if they were done by hand too',
  }
}
