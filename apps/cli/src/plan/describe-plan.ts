import { summarizePlan } from '@tidemark/core'
import type { PlanJson } from '../schema/run-schemas.ts'
import type { ProjectState } from '../status/read-state.ts'
import { planToJson } from './plan-to-json.ts'

/** Describes what `up` would do as data, with what to know of each step. */
export function describePlan({ plan, target }: Pick<ProjectState, 'plan' | 'target'>): PlanJson {
  return planToJson(plan, summarizePlan(plan), target)
}
