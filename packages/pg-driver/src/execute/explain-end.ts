import type { PlanStep } from '@tidemark/core'
import { isConnectionLost } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { LostStep } from '../failure/lost-step.ts'
import type { CommittedSteps } from './committed-steps.ts'
import { resolveLoss } from './connection-loss.ts'
import type { GroupFailure } from './pipelined/run-pipelined.ts'

/** Carries what was in flight when the connection was lost. */
export class LostFlight extends Error {
  override readonly name = 'LostFlight'
  readonly failure: GroupFailure

  constructor(failure: GroupFailure) {
    super(failure.outcome.error.message)
    this.failure = failure
  }
}

/**
 * Gives what ended a run early: TM5008 or TM5007 when the connection is gone, after telling which steps turned out to be
 * committed and which one was cut off; else the error itself.
 */
export async function explainEnd(
  context: ExecutionContext,
  error: unknown,
  committed: CommittedSteps,
): Promise<unknown> {
  const failure = error instanceof LostFlight ? error.failure : undefined
  const alone = error instanceof LostStep ? error : undefined
  if (failure === undefined && !context.signal?.aborted && !isConnectionLost(error)) return error
  const loss = await resolveLoss(context, {
    failure,
    alone,
    done: committed.ids,
    cause: failure?.outcome.error ?? alone?.cause ?? error,
    interruption: context.interruption.ended(),
  })
  for (const step of loss.landed) committed.add(step, 'waited', 0)
  const tellCutOff = (step: PlanStep, durationMs: number) => {
    if (!loss.landed.includes(step)) {
      context.emit({ kind: 'step_failed', step, durationMs, error: loss.error })
    }
  }
  if (failure !== undefined) tellCutOff(failure.failed.step, failure.outcome.durationMs)
  if (alone !== undefined) tellCutOff(alone.step, alone.durationMs)
  return loss.error
}
