import type { MigrationId, PlanStep } from '@tidemark/core'
import { batchedStep, type TransactionalStep } from '../script/step-script.ts'

/** Which of a plan's steps must come before which, as the preconditions read it from the rows. */
export interface StepOrder {
  readonly mode: 'stop' | 'keep_going'
  /**
   * Ids that must be done before a step: the step before it, or when going on past failures what it needs in
   * this plan.
   */
  predecessorsOf(index: number): readonly MigrationId[]
  /** Tells whether a step needs one that failed or was held back. */
  isHeldBack(step: PlanStep, failed: ReadonlySet<MigrationId>): boolean
}

/** Tells whether a step executes its SQL in one transaction, and is small enough to be sent among others. */
export function isTransactional(step: PlanStep): step is TransactionalStep {
  if (batchedStep(step) !== undefined) return false
  if (step.kind === 'apply') {
    return step.migration.header.transaction === 'required' && step.migration.large === undefined
  }
  return step.kind === 'roll_back' && step.stored.header.transaction === 'required'
}

/** Reads the order of a plan's steps. */
export function createStepOrder(steps: readonly PlanStep[], mode: StepOrder['mode']): StepOrder {
  const needs = listNeeds(steps)
  return {
    mode,
    predecessorsOf(index) {
      const before = steps[index - 1]
      const step = steps[index]
      if (before === undefined || step === undefined) return []
      return mode === 'stop' ? [before.id] : (needs.get(step.id) ?? [])
    },
    isHeldBack: (step, failed) => failed.size > 0 && (needs.get(step.id) ?? []).some((id) => failed.has(id)),
  }
}

/**
 * Going up a step needs what it depends on; going down what depends on it. Only what the plan itself does
 * counts.
 */
function listNeeds(steps: readonly PlanStep[]): ReadonlyMap<MigrationId, readonly MigrationId[]> {
  const ids = new Set(steps.map((step) => step.id))
  const needs = new Map<MigrationId, MigrationId[]>(steps.map((step) => [step.id, []]))
  for (const step of steps) {
    const dependsOn = dependsOnOf(step).filter((id) => ids.has(id))
    if (step.kind === 'roll_back') for (const id of dependsOn) needs.get(id)?.push(step.id)
    else needs.get(step.id)?.push(...dependsOn)
  }
  return needs
}

function dependsOnOf(step: PlanStep): readonly MigrationId[] {
  if (step.kind === 'roll_back') return step.stored.header.dependsOn
  return step.migration?.header.dependsOn ?? []
}
