import { summarizePlan } from '@tidemark/core'
import { planToJson } from '../json/plan.ts'
import type { PlanJson } from '../json/run-schemas.ts'
import type { ProjectState } from './read-state.ts'

/** Describes what `up` would do as data, with what to know of each step. */
export function describePlan({ plan, target }: Pick<ProjectState, 'plan' | 'target'>): PlanJson {
  return planToJson(plan, summarizePlan(plan), target)
}
