import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { suggest } from '../../diagnostic/suggest.ts'
import { findNode, type MigrationGraph, nodeAt } from '../../graph/migration-graph.ts'
import type { MigrationId, MigrationStatus } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { describeUnknownId } from '../apply/describe-unknown-id.ts'
import type { History } from '../history/history.ts'
import { findPresentRow } from '../history/history-index.ts'
import { isPartlyDone } from '../history/row-state.ts'
import { completePlan } from '../plan/complete-plan.ts'
import type { MigrationPlan, PlanStep } from '../plan/plan.ts'
import { type AppliedOrder, orderApplied } from '../rollback/applied-order.ts'
import { describeSetAside } from '../rollback/rollback-problems.ts'

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
 * Decides how migrations are marked after manual SQL: recorded, without executing anything. Dependencies that
 * are not applied, or dependents that are, are findings (TM4011), not refusals: the user knows what was done
 * by hand.
 *
 * @returns the plan, or TM2007 for an id that neither a file nor a row has, TM7014 for what is marked so
 *   already, TM6005 for a row that a squash set aside.
 * @example planMark({ graph, history, ids: ['007_fix'], as: 'completed' })
 */
export function planMark(input: PlanMarkInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, history, as } = input
  const order = orderApplied(graph, history)
  const ids = [...new Set(input.ids)]
  const unknown = ids.filter((id) => !isKnown(order, id, as))
  if (unknown.length > 0) return err(unknown.map((id) => describeUnknownMark(order, id, as)))
  const problems = ids.flatMap((id) => findMarkProblems(order, id, as))
  if (problems.length > 0) return err(problems)
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

/** The id that a mark writes to: a row's own, or that of the squash which replaces it. */
function ownIdOf({ graph, index }: AppliedOrder, id: MigrationId): MigrationId {
  return index.rows.has(id) ? id : (findNode(graph, id)?.migration.id ?? id)
}

function findMarkProblems(order: AppliedOrder, id: MigrationId, as: MarkAs): readonly Diagnostic[] {
  const ownId = ownIdOf(order, id)
  const row = order.index.rows.get(ownId)
  if (row !== undefined && row.replacedBy !== null && order.index.rows.has(row.replacedBy)) {
    return [describeSetAside(order, id, row.replacedBy)]
  }
  const status = row?.status ?? 'pending'
  // A walk in batches that was stopped is pending, with a place to continue at.
  const isWhole = row === undefined || !isPartlyDone(row)
  const isSo = isWhole && (status === as || (as === 'rolled_back' && status === 'pending'))
  return isSo ? [describeMarked(order, ownId, status)] : []
}

function markStep(order: AppliedOrder, id: MigrationId, as: MarkAs): readonly PlanStep[] {
  const ownId = ownIdOf(order, id)
  const migration = findNode(order.graph, ownId)?.migration
  if (as === 'completed') {
    return migration === undefined ? [] : [{ kind: 'record', id: migration.id, migration, as: 'mark' }]
  }
  const file = migration?.id === ownId ? migration : null
  return [{ kind: 'unrecord', id: ownId, migration: file, as }]
}

function describeUnknownMark(order: AppliedOrder, id: MigrationId, as: MarkAs): Diagnostic {
  if (as === 'completed' && order.index.rows.has(id)) {
    return {
      code: 'TM4002',
      severity: 'error',
      message: `"${id}" has no file, so there is nothing to record`,
      help: 'restore the file, then mark it',
    }
  }
  const near = as === 'completed' ? undefined : suggest(id, order.index.rows.keys())
  const unknown = describeUnknownId(order.graph, id)
  return near === undefined ? unknown : { ...unknown, help: `did you mean "${near}"?` }
}

function describeMarked({ graph }: AppliedOrder, id: MigrationId, status: MigrationStatus): Diagnostic {
  const source = findNode(graph, id)?.migration.source
  const words = {
    completed: 'applied',
    rolled_back: 'rolled back',
    pending: 'pending',
    failed: 'failed',
    running: 'running',
  }
  return {
    code: 'TM7014',
    severity: 'error',
    message: `"${id}" is already ${words[status]}`,
    ...(source === undefined ? {} : { source, span: { start: 0, end: 0 } }),
    help:
      status === 'completed'
        ? `leave it out; to record its file as it is now: tidemark repair ${id} --adopt`
        : 'leave it out; see: tidemark status',
  }
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
    .filter((id) => !marked.has(id) && findPresentRow(order.index, id) === undefined)
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
