import {
  type CrossBaseline,
  type ExecutionOptions,
  isRefused,
  type MigrationRunner,
  type RunEvent,
  type RunResult,
  refusedError,
  savePlan,
} from '@tidemark/core'
import { openRunner } from '../database/open-runner.ts'
import type { DatabaseSettings } from '../database/require-database.ts'

/**
 * One operation of the runner, with its own options bound: asked for a plan first, then to execute just that.
 */
export type RunnerOperation = (
  runner: MigrationRunner,
  options: ExecutionOptions & CrossBaseline,
) => Promise<RunResult>

/** What {@link operate} needs. */
export interface OperationContext {
  readonly run: RunnerOperation
  /** What may be rolled back although it was only recorded. */
  readonly beyondBaseline?: CrossBaseline['beyondBaseline']
  readonly reason: string | undefined
  readonly backup: boolean
  readonly toolVersion: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /** Shown the plan before anything runs; throws to refuse. Not asked when there is nothing to do. */
  readonly approve: (planned: RunResult) => Promise<void>
}

/** Plans an operation, has it approved, and executes exactly what was approved (I10). */
export async function operate(settings: DatabaseSettings, context: OperationContext): Promise<RunResult> {
  const { run, reason, backup, signal, onEvent } = context
  const runner = await openRunner(settings, context.toolVersion, signal)
  const crossing = context.beyondBaseline === undefined ? {} : { beyondBaseline: context.beyondBaseline }
  const planned = await run(runner, { signal, dryRun: true, ...crossing })
  if (isRefused(planned.plan)) throw refusedError(planned.plan.findings)
  if (planned.plan.steps.length === 0) return { ...planned, outcome: 'nothing_to_do' }
  await context.approve(planned)
  const plan = savePlan(planned.plan, planned.target)
  return run(runner, { plan, reason, backup, signal, onEvent, ...crossing })
}

/** Plans an operation and changes nothing. */
export async function planOperation(
  settings: DatabaseSettings,
  {
    run,
    toolVersion,
    signal,
    beyondBaseline,
  }: Pick<OperationContext, 'run' | 'toolVersion' | 'signal' | 'beyondBaseline'>,
): Promise<RunResult> {
  const crossing = beyondBaseline === undefined ? {} : { beyondBaseline }
  return run(await openRunner(settings, toolVersion, signal), { signal, dryRun: true, ...crossing })
}
