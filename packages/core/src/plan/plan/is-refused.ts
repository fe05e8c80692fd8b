import type { MigrationPlan } from './plan.ts'

/**
 * Tells whether a plan may not be executed: one of its findings is an error. Nothing runs then, not even its sound steps.
 *
 * @example if (isRefused(plan)) console.error(plan.findings)
 */
export function isRefused(plan: Pick<MigrationPlan, 'findings'>): boolean {
  return plan.findings.some((finding) => finding.severity === 'error')
}
