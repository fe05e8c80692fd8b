export type {
  Fleet,
  FleetHistory,
  FleetPlanOptions,
  RollbackRolloutOptions,
  RolloutOptions,
} from './create-fleet.ts'
export { createFleet } from './create-fleet.ts'
export type { FleetOptions } from './fleet-options.ts'
export type { FleetQueue } from './queue/fleet-queue.ts'
export type { QueuedCounts, QueuedRollout, RolloutState } from './queue/rollout-store.ts'
export type { WorkEvent, WorkOptions } from './queue/work.ts'
export type { FailedTarget, FleetReadOptions } from './rollout/ask-targets.ts'
export type {
  FleetEvent,
  OutcomeCounts,
  RolloutResult,
  TargetError,
  TargetOutcome,
} from './rollout/outcome.ts'
export { countOutcomes } from './rollout/outcome.ts'
export type { PlanGroup, TargetPlan } from './summary/group-plans.ts'
export { groupPlans } from './summary/group-plans.ts'
export type { Rollout } from './summary/list-rollouts.ts'
export type { TargetState, TargetStatus, VersionGroup } from './summary/target-state.ts'
export { groupByVersion } from './summary/target-state.ts'
export type { TargetChoice } from './target/choose-targets.ts'
export type { FleetTarget, TargetSettings } from './target/fleet-target.ts'
export type { ParsedTarget, SoundTarget, WrongTarget } from './target/parse-targets.ts'
export type { TargetSource } from './target/read-targets.ts'
export type { Wave } from './wave/plan-waves.ts'
export { planWaves } from './wave/plan-waves.ts'
