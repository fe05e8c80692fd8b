import {
  type MigrationPlan,
  type PlanTarget,
  type RollbackRequest,
  type RunEvent,
  type RunResult,
  savePlan,
} from '@tidemark/core'
import { openRunner } from './open-runner.ts'
import type { DatabaseSettings } from './require-database.ts'

/** What {@link rollBack} needs. */
export interface RollbackContext {
  readonly request: RollbackRequest
  /** Whose `@down` runs: the one that was stored when the migration was applied, or the file's. */
  readonly source: 'stored' | 'files'
  readonly keepGoing: boolean
  readonly toolVersion: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /** Shown the plan before anything runs; throws to refuse. Not asked when there is nothing to roll back. */
  readonly approve: (planned: { readonly plan: MigrationPlan; readonly target: PlanTarget }) => Promise<void>
}

/** Plans a rollback, has it approved, and executes exactly what was approved (I10). */
export async function rollBack(settings: DatabaseSettings, context: RollbackContext): Promise<RunResult> {
  const { request, source, signal, onEvent, keepGoing } = context
  const runner = await openRunner(settings, context.toolVersion)
  const planned = await runner.rollBack({ request, source, signal, dryRun: true })
  if (planned.plan.steps.length === 0) return planned
  await context.approve(planned)
  const plan = savePlan(planned.plan, planned.target)
  return runner.rollBack({ request, source, plan, keepGoing, signal, onEvent })
}
