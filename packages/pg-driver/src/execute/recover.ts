import type { LockHolder, MigrationId, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { isRetryable } from '../connection/sql-state.ts'
import { backoffMs, wait } from '../connection/wait.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { attemptDetails } from '../failure/describe-failure.ts'
import { fullReset } from '../script/session-reset.ts'
import type { ExecutableStep } from '../script/step-script.ts'
import { execute } from '../statement/compiled-statement.ts'
import { recordFailedStatement, type StartedSubject } from '../tracking/write/attempt.ts'
import { isRowOfOthers } from '../tracking/write/precondition.ts'

/** How long to wait before a step, or a statement of its own transaction, is tried again. */
const RETRY_DELAY = { firstMs: 250, limitMs: 5000 }

/** Ends what a failed attempt left open, and gives the session back as it was. */
export async function rollBack(context: ExecutionContext): Promise<void> {
  await sendMessage(context.connection, 'ROLLBACK')
  await resetSession(context)
}

/**
 * The same where a statement may have broken the engine: an embedded one is ended then, and starts afresh.
 *
 * @returns false when it is ended; of a server the error is thrown.
 */
export async function rollBackIfAlive(context: ExecutionContext): Promise<boolean> {
  try {
    await rollBack(context)
    return true
  } catch (error) {
    if (context.connection.kind !== 'embedded' || context.signal?.aborted) throw error
    return false
  }
}

/** Gives the session back as it was before a step, whatever the step did to it. */
export async function resetSession(context: ExecutionContext): Promise<void> {
  await sendMessage(context.connection, fullReset(context).join(';\n'))
  context.prepared.forget()
}

/** An attempt that failed. */
export interface FailedAttempt {
  readonly id: MigrationId
  /** From 1. */
  readonly attempt: number
  readonly error: unknown
  readonly blockers: readonly LockHolder[]
}

/**
 * Waits before the next attempt, where another one can help (I8) and is still allowed.
 *
 * @returns false when this was the last one.
 * @throws the signal's reason.
 */
export async function waitForRetry(
  { settings, emit, signal }: ExecutionContext,
  { id, attempt, error, blockers }: FailedAttempt,
): Promise<boolean> {
  const limit = settings.lockRetries
  if (!isRetryable(error) || attempt > limit) return false
  const delayMs = backoffMs(attempt, RETRY_DELAY)
  emit({ kind: 'step_retry', id, attempt, limit, delayMs, sqlState: error.code, blockers })
  await wait(delayMs, signal)
  return true
}

/** What an attempt that is given up leaves in the tracking tables. */
export interface FailureRecord {
  readonly step: ExecutableStep
  /** What the server or the driver said. */
  readonly cause: Error
  /** What is recorded and reported of it. */
  readonly error: TidemarkError
  /** See `FailedData`. */
  readonly statementsDone: number | null
  readonly durationMs: number
}

/**
 * Records a failed attempt (I5), unless the row belongs to another run now. Where others hold the tracking tables
 * for longer than all tries last, nothing is written: the next run takes the attempt as one that was cut off.
 */
export async function recordFailure(context: ExecutionContext, failure: FailureRecord): Promise<void> {
  if (isRowOfOthers(failure.cause)) return
  const record = { ...failure, details: attemptDetails(failure.error) }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFailure(context, context.connection, record)
      return
    } catch (refused) {
      if (!isRetryable(refused)) throw refused
    }
    if (attempt > context.settings.lockRetries) return
    await wait(backoffMs(attempt, RETRY_DELAY), context.signal)
  }
}

/** Writes a failed attempt over any connection. */
export async function writeFailure(
  { settings, run }: ExecutionContext,
  connection: Connection,
  failure: Omit<FailureRecord, 'cause'> & { readonly details?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { step, error, statementsDone, durationMs, details } = failure
  await execute(
    connection,
    recordFailedStatement(settings.schema, {
      subject: subjectOf(step),
      run,
      errorMessage: error.message,
      statementsDone,
      executionTimeMs: durationMs,
      ...(details && { details }),
    }),
  )
}

/** Gives the subject of an attempt. */
export function subjectOf(step: ExecutableStep): StartedSubject {
  return step.kind === 'roll_back'
    ? { direction: 'down', id: step.id, stored: step.stored }
    : { direction: 'up', migration: step.migration }
}
