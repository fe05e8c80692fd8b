import {
  describeAction,
  isRefused,
  type MigrationPlan,
  type PlanTarget,
  type TidemarkError,
} from '@tidemark/core'

/** The plan of one target, or why there is none. */
export type TargetPlan =
  | {
      readonly kind: 'planned'
      readonly name: string
      readonly plan: MigrationPlan
      readonly target: PlanTarget
    }
  | { readonly kind: 'failed'; readonly name: string; readonly error: TidemarkError }

/** Targets whose plans have the same steps, or that are refused for the same reason. */
export interface PlanGroup {
  readonly kind: 'steps' | 'nothing' | 'refused'
  /** Any of the plans. */
  readonly plan: MigrationPlan
  readonly targets: readonly string[]
}

/** Groups equal plans, the largest group first. */
export function groupPlans(plans: readonly TargetPlan[]): readonly PlanGroup[] {
  const groups = new Map<string, PlanGroup & { targets: string[] }>()
  for (const one of plans) {
    if (one.kind === 'failed') continue
    const { plan, name } = one
    const key = keyOf(plan)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { kind: kindOf(plan), plan, targets: [name] })
    else known.targets.push(name)
  }
  return [...groups.values()].sort((a, b) => b.targets.length - a.targets.length)
}

function kindOf(plan: MigrationPlan): PlanGroup['kind'] {
  if (isRefused(plan)) return 'refused'
  return plan.steps.length === 0 ? 'nothing' : 'steps'
}

function keyOf(plan: MigrationPlan): string {
  const errors = plan.findings.filter(({ severity }) => severity === 'error')
  return JSON.stringify([
    plan.steps.map((step) => [describeAction(step), step.id]),
    errors.map(({ code, message }) => [code, message]),
  ])
}
