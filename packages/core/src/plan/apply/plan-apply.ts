import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { GraphNode, MigrationGraph } from '../../graph/migration-graph.ts'
import { nodeAt } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { findStateFindings } from '../changes/find-state-findings.ts'
import type { History, StoredMigration } from '../history/history.ts'
import { indexHistory } from '../history/history-index.ts'
import { listAppliedRows } from '../history/list-applied-rows.ts'
import type { ApplyOptions } from '../pending/apply-options.ts'
import { findDue } from '../pending/find-due.ts'
import { inPlanOrder } from '../pending/plan-order.ts'
import { completePlan } from '../plan/complete-plan.ts'
import type { MigrationPlan, PlanRequest, StepReason } from '../plan/plan.ts'
import { checkApplyOptions } from './check-apply-options.ts'
import { selectSteps } from './select-steps.ts'
import { stepOf } from './step-of.ts'

/** What {@link planApply} reads. */
export interface PlanApplyInput {
  readonly graph: MigrationGraph
  readonly history: History
  /** Stored texts of the ids that `listIdsToLoad` names; what is missing is judged as the worst. */
  readonly stored?: ReadonlyMap<MigrationId, StoredMigration>
  readonly options?: ApplyOptions
}

/**
 * Decides what a run does, in order. Nothing pending is left out unless an option asks for it, and then
 * `leftOut` names it (I3). The plan's findings are changed files, orphans and whatever refuses; see
 * `isRefused`.
 *
 * @returns the plan, or what is wrong with the options: TM2007 unknown id, TM2009 unknown tag, TM2010 a
 *   re-run of what cannot be run again.
 * @throws TypeError when `steps` is not a whole number from 1.
 * @example
 * const plan = planApply({ graph, history, options: { target: '003_posts' } })
 * if (plan.ok) for (const step of plan.value.steps) console.log(step.kind, step.id)
 */
export function planApply(input: PlanApplyInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, history, stored = new Map(), options = {} } = input
  const index = indexHistory(history)
  const problems = checkApplyOptions(graph, index, options)
  if (problems.length > 0) return err(problems)
  const rerun = new Set(options.rerun?.map((id) => graph.aliases.get(id) ?? id))
  const applied = listAppliedRows(graph, index)
  const due = findDue({ graph, index, rerun, applied })
  const outcomes = orderDue(graph, due).map(({ node, reason }) =>
    stepOf(node.migration, reason, { index, stored }),
  )
  const candidates = outcomes.flatMap((outcome) => outcome.step ?? [])
  const steps = selectSteps(graph, candidates, options)
  const chosen = new Set(steps.map((step) => step.id))
  return ok(
    completePlan({
      direction: 'up',
      request: toRequest(options),
      steps,
      findings: [
        ...graph.notes,
        ...findStateFindings({ graph, index, applied, due, stored, strict: options.strict === true }),
        ...outcomes.flatMap((outcome) => outcome.findings),
      ],
      total: graph.nodes.length,
      leftOut: candidates.flatMap((step) => (chosen.has(step.id) ? [] : step.id)),
      graph,
      history,
    }),
  )
}

interface DueNode {
  readonly node: GraphNode
  readonly reason: StepReason
}

function orderDue(graph: MigrationGraph, due: ReadonlyMap<number, StepReason>): readonly DueNode[] {
  const nodes = [...due.keys()].map((place) => nodeAt(graph, place))
  return inPlanOrder(nodes).map((node) => ({ node, reason: due.get(node.index) ?? 'pending' }))
}

function toRequest(options: ApplyOptions): PlanRequest {
  const { target, steps, tags = [], blocking, rerun = [] } = options
  return {
    action: 'apply',
    ...(target === undefined ? {} : { target }),
    ...(steps === undefined ? {} : { steps }),
    ...(tags.length === 0 ? {} : { tags: [...new Set(tags)].sort() }),
    ...(blocking === true ? { blocking } : {}),
    ...(rerun.length === 0 ? {} : { rerun: [...new Set(rerun)].sort() }),
  }
}
