import { type MigrationId, type StepBackup, TidemarkError } from '@tidemark/core'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { describeFailedStatement, describeUnchanged } from '../../failure/describe-failure.ts'
import { StepSaver } from '../../save/step-saver.ts'
import { locateLarge } from '../../script/statement-feed.ts'
import type { Adaptation, TransactionalStep } from '../../script/step-script.ts'
import { COMMITTED, isLoss, type StandaloneOutcome } from '../outcome.ts'
import { adaptationTo } from '../pipelined/adaptation-to.ts'
import { recordFailure, rollBack, waitForRetry } from '../recover.ts'
import { StreamedStep } from './streamed-step.ts'

/** What of a plan a step has to know. */
export interface StepSurroundings {
  /** Ids that are done in this run. */
  readonly done: readonly MigrationId[]
  /** Ids that must be done before it. */
  readonly after: readonly MigrationId[]
  /** Saves what the step takes away. */
  readonly backup?: StepBackup | undefined
}

/**
 * Runs a file that is too large to be held, or a step that takes data away and is watched, in one
 * transaction, with precondition and record like every other: its statements are read, and looked at, while
 * they run.
 */
export async function applyStreamed(
  context: ExecutionContext,
  step: TransactionalStep,
  surroundings: StepSurroundings,
): Promise<StandaloneOutcome> {
  const startedAt = performance.now()
  let adaptation: Adaptation = 'none'
  for (let attempt = 1; ; ) {
    const { after, backup } = surroundings
    const guard = backup === undefined ? undefined : new StepSaver(context, step, backup)
    const streamed = new StreamedStep(context, step, { after, guard, adaptation })
    const error = await runAttempt(context, streamed)
    if (error === undefined) return COMMITTED
    const durationMs = performance.now() - startedAt
    // What was saved is kept: the step may be committed.
    if (isLoss(error)) return { kind: 'connection_lost', cutOff: { step, error, durationMs } }
    await rollBack(context)
    await guard?.discard()
    const next: Adaptation = adaptation === 'none' ? adaptationTo(streamed.failureOf(error)) : 'none'
    if (next !== 'none') {
      adaptation = next
      continue
    }
    const blockers = streamed.blockers()
    if (await waitForRetry(context, { id: step.id, attempt, error: causeOf(error), blockers })) {
      attempt += 1
      continue
    }
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

/** What could not be saved for a lock that others hold is tried again like the statement itself. */
function causeOf(error: Error): unknown {
  return error instanceof TidemarkError ? error.cause : error
}

interface Failure {
  readonly streamed: StreamedStep
  readonly error: Error
  readonly attempt: number
  readonly done: readonly MigrationId[]
}

async function describe(
  context: ExecutionContext,
  { id, kind }: TransactionalStep,
  { streamed, error, attempt, done }: Failure,
): Promise<TidemarkError> {
  if (error instanceof TidemarkError) return error
  const { place } = streamed
  const located =
    place.kind === 'statement' ? { ...place, statement: await locateLarge(place.statement, error) } : place
  return describeFailedStatement(context, {
    id,
    script: { ...streamed.script, statements: [] },
    direction: kind === 'roll_back' ? 'down' : 'up',
    place: located,
    numbering: streamed.numbering,
    error,
    statementMs: streamed.statementMs,
    blockers: streamed.blockers(),
    attempt,
    databaseState: describeUnchanged(id, done),
  })
}
