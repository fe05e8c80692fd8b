import type { PlanStep } from '@tidemark/core'

const MAKING = /\b(?:event\s+trigger|create\s+extension)\b/i

/**
 * Tells whether a step may make event triggers, which run code behind any DDL after it. Extensions bring some
 * along; what makes them in code of its own cannot be seen in the text.
 */
export function mayMakeEventTriggers(step: PlanStep): boolean {
  if (step.kind === 'apply') return MAKING.test(step.migration.source.text)
  return step.kind === 'roll_back' && MAKING.test(step.stored.downSql ?? '')
}
