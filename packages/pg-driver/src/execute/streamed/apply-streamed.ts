import { type MigrationId, type PlanStep, TidemarkError } from '@tidemark/core'
import { isConnectionLost, isRetryable } from '../../connection/sql-state.ts'
import { backoffMs, wait } from '../../connection/wait.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { attemptDetails, describeFailedStatement, listDone } from '../../failure/describe-failure.ts'
import { LostStep } from '../../failure/lost-step.ts'
import { fullReset } from '../../script/session-reset.ts'
import { locateLarge } from '../../script/statement-feed.ts'
import { execute } from '../../statement/compiled-statement.ts'
import { recordFailedStatement } from '../../tracking/write/attempt.ts'
import { readPreconditionFailure } from '../../tracking/write/precondition.ts'
import { StreamedStep } from './streamed-step.ts'

/** What of a plan a step has to know. */
export interface StepSurroundings {
  /** Ids that are done in this run. */
  readonly done: readonly MigrationId[]
  /** Ids that must be done before it. */
  readonly after: readonly MigrationId[]
}

type ApplyStep = Extract<PlanStep, { readonly kind: 'apply' }>

const RETRY_DELAY = { firstMs: 250, limitMs: 5000 }

/**
 * Applies a file that is too large to be held, in one transaction, with guard and record like every other: its statements
 * are read while they run.
 *
 * @returns why it failed; undefined when it is committed.
 * @throws LostStep when the connection is gone.
 */
export async function applyStreamed(
  context: ExecutionContext,
  step: ApplyStep,
  surroundings: StepSurroundings,
): Promise<TidemarkError | undefined> {
  const { connection, settings, emit, signal } = context
  const startedAt = performance.now()
  for (let attempt = 1; ; attempt += 1) {
    const flight = new StreamedStep(context, step, surroundings.after)
    try {
      await flight.run()
      return undefined
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error
      connection.onNotice(null)
      const durationMs = performance.now() - startedAt
      if (!(error instanceof TidemarkError) && isConnectionLost(error) && !flight.isRefused) {
        throw new LostStep(step, { cause: error, durationMs })
      }
      await connection.query('ROLLBACK')
      await connection.query(fullReset(context).join(';\n'))
      context.prepared.forget()
      if (!isRetryable(error) || attempt > settings.lockRetries) {
        return recordFailure(context, step, { flight, error, attempt, durationMs, done: surroundings.done })
      }
      const delayMs = backoffMs(attempt, RETRY_DELAY)
      const { id } = step
      const limit = settings.lockRetries
      emit({
        kind: 'step_retry',
        id,
        attempt,
        limit,
        delayMs,
        sqlState: error.code,
        blockers: flight.blockers(),
      })
      await wait(delayMs, signal)
    } finally {
      connection.onNotice(null)
      await flight.stop()
    }
  }
}

async function recordFailure(
  context: ExecutionContext,
  step: ApplyStep,
  failure: {
    readonly flight: StreamedStep
    readonly error: Error
    readonly attempt: number
    readonly durationMs: number
    readonly done: readonly MigrationId[]
  },
): Promise<TidemarkError> {
  const described = await describe(context, step, failure)
  const guard = readPreconditionFailure(failure.error)
  // The row is someone else's now.
  if (guard !== undefined && guard !== 'transaction') return described
  await execute(
    context.connection,
    recordFailedStatement(context.settings.schema, {
      subject: { direction: 'up', migration: step.migration },
      run: context.run,
      errorMessage: described.message,
      statementsDone: null,
      executionTimeMs: failure.durationMs,
      details: attemptDetails(described),
    }),
  )
  return described
}

async function describe(
  context: ExecutionContext,
  { id, migration }: ApplyStep,
  { flight, error, attempt, done }: Parameters<typeof recordFailure>[2],
): Promise<TidemarkError> {
  if (error instanceof TidemarkError) return error
  const { place } = flight
  const located =
    place.kind === 'statement' ? { ...place, statement: await locateLarge(place.statement, error) } : place
  const { source, header } = migration
  return describeFailedStatement(context, {
    id,
    script: { source, statements: [], header, lockTimeoutMs: flight.lockTimeoutMs },
    place: located,
    numbering: flight.numbering,
    error,
    blockers: flight.blockers(),
    attempt,
    databaseState: `The database is unchanged by "${id}" (rolled back).${done.length === 0 ? '' : ` ${listDone(done)}`}`,
  })
}
