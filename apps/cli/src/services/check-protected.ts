import { type MigrationPlan, summarizePlan } from '@tidemark/core'

/** How many statements of a plan destroy data or objects: what a protected database is asked about. */
export function countDestructive(plan: Pick<MigrationPlan, 'steps'>): number {
  return summarizePlan(plan).counts.destructive
}
