import { type MigrationId, type PlanStep, TidemarkError } from '@tidemark/core'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { describeFailedStatement, listDone } from '../../failure/describe-failure.ts'
import { locateLarge } from '../../script/statement-feed.ts'
import { COMMITTED, isLoss, type StandaloneOutcome } from '../outcome.ts'
import { recordFailure, rollBack, waitForRetry } from '../recover.ts'
import { StreamedStep } from './streamed-step.ts'

/** What of a plan a step has to know. */
export interface StepSurroundings {
  /** Ids that are done in this run. */
  readonly done: readonly MigrationId[]
  /** Ids that must be done before it. */
  readonly after: readonly MigrationId[]
}

type ApplyStep = Extract<PlanStep, { readonly kind: 'apply' }>

/**
 * Applies a file that is too large to be held, in one transaction, with precondition and record like every
 * other: its statements are read while they run.
 */
export async function applyStreamed(
  context: ExecutionContext,
  step: ApplyStep,
  surroundings: StepSurroundings,
): Promise<StandaloneOutcome> {
  const startedAt = performance.now()
  for (let attempt = 1; ; attempt += 1) {
    const streamed = new StreamedStep(context, step, surroundings.after)
    const error = await runAttempt(context, streamed)
    if (error === undefined) return COMMITTED
    const durationMs = performance.now() - startedAt
    if (isLoss(error)) return { kind: 'connection_lost', cutOff: { step, error, durationMs } }
    await rollBack(context)
    const blockers = streamed.blockers()
    if (await waitForRetry(context, { id: step.id, attempt, error, blockers })) continue
    const { done } = surroundings
    const failure = await describe(context, step, { streamed, error, attempt, done })
    await recordFailure(context, { step, cause: error, error: failure, statementsDone: null, durationMs })
    return { kind: 'failed', failure }
  }
}

/** @returns what failed. */
async function runAttempt(
  { connection }: ExecutionContext,
  streamed: StreamedStep,
): Promise<Error | undefined> {
  try {
    await streamed.run()
    return undefined
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error
    return error
  } finally {
    connection.onNotice(null)
    await streamed.stop()
  }
}

interface Failure {
  readonly streamed: StreamedStep
  readonly error: Error
  readonly attempt: number
  readonly done: readonly MigrationId[]
}

async function describe(
  context: ExecutionContext,
  { id, migration }: ApplyStep,
  { streamed, error, attempt, done }: Failure,
): Promise<TidemarkError> {
  if (error instanceof TidemarkError) return error
  const { place } = streamed
  const located =
    place.kind === 'statement' ? { ...place, statement: await locateLarge(place.statement, error) } : place
  const { source, header } = migration
  return describeFailedStatement(context, {
    id,
    script: { source, statements: [], header, lockTimeoutMs: streamed.lockTimeoutMs },
    place: located,
    numbering: streamed.numbering,
    error,
    statementMs: streamed.statementMs,
    blockers: streamed.blockers(),
    attempt,
    databaseState: `The database is unchanged by "${id}" (rolled back).${done.length === 0 ? '' : ` ${listDone(done)}`}`,
  })
}
