import { type BatchProgress, type MigrationId, TidemarkError } from '@tidemark/core'
import { isServerError, SQL_STATE } from '../../connection/sql-state.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { describeFailedStatement, describeUnchanged, listDone } from '../../failure/describe-failure.ts'
import { sqlOf, type TransactionalStep } from '../../script/step-script.ts'
import { execute } from '../../statement/compiled-statement.ts'
import { pauseStatement } from '../../tracking/write/attempt.ts'
import { recordAppliedStatement, recordRolledBackStatement } from '../../tracking/write/record.ts'
import { COMMITTED, isLoss, type StandaloneOutcome } from '../outcome.ts'
import { recordFailure, resetSession, rollBack } from '../recover.ts'
import { BatchedRun, type PauseReason } from './batched-run.ts'

/**
 * Executes a step in batches (`Batches` of the header), each a transaction with what it says of itself in the
 * row. It can be stopped between two of them, and the next run continues there.
 */
export async function applyBatched(
  context: ExecutionContext,
  step: TransactionalStep,
  done: readonly MigrationId[],
): Promise<StandaloneOutcome> {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const run = new BatchedRun(context, step)
  try {
    await run.begin()
    const reason = await run.run()
    if (reason === undefined) await run.runVerify()
    context.connection.onNotice(null)
    await resetSession(context)
    if (reason !== undefined) return await pause(context, step, { reason, progress: run.progress })
    await record(context, step, { executionTimeMs: elapsed(), progress: run.progress })
    return COMMITTED
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error
    context.connection.onNotice(null)
    const durationMs = elapsed()
    if (isLoss(error) || context.signal?.aborted) {
      return { kind: 'connection_lost', cutOff: { step, error, durationMs } }
    }
    return { kind: 'failed', failure: await fail(context, step, { run, error, durationMs, done }) }
  } finally {
    context.connection.onNotice(null)
    await run.stop()
  }
}

async function pause(
  { connection, settings, run }: ExecutionContext,
  step: TransactionalStep,
  { reason, progress }: { readonly reason: PauseReason; readonly progress: BatchProgress | null },
): Promise<StandaloneOutcome> {
  const details = { paused: reason, ...(progress === null ? {} : { batches: progress }) }
  await execute(connection, pauseStatement(settings.schema, { id: step.id, run, details }))
  return { kind: 'paused', reason, progress }
}

function record(
  { connection, settings, run }: ExecutionContext,
  step: TransactionalStep,
  {
    executionTimeMs,
    progress,
  }: { readonly executionTimeMs: number; readonly progress: BatchProgress | null },
) {
  const transaction = { kind: 'none', executionTimeMs } as const
  const { rows = 0, batches = 0, walks = 0 } = progress ?? {}
  const data = { run, transaction, details: { batches: { rows, batches, walks } } }
  return execute(
    connection,
    step.kind === 'roll_back'
      ? recordRolledBackStatement(settings.schema, { ...data, id: step.id })
      : recordAppliedStatement(settings.schema, { ...data, migration: step.migration }),
  )
}

interface Failure {
  readonly run: BatchedRun
  readonly error: Error
  readonly durationMs: number
  readonly done: readonly MigrationId[]
}

/** Rolls the batch back, describes and records why it failed. */
async function fail(
  context: ExecutionContext,
  step: TransactionalStep,
  failure: Failure,
): Promise<TidemarkError> {
  await rollBack(context)
  const { error: cause, durationMs, run } = failure
  const isCutOff = isServerError(cause) && cause.code === SQL_STATE.queryCanceled
  const isBegun = run.progress !== null || (step.kind === 'roll_back' && isCutOff)
  const error = await explain(context, step, { ...failure, isBegun })
  const statementsDone = isBegun ? 0 : null
  await recordFailure(context, { step, cause, error, statementsDone, durationMs })
  return error
}

async function explain(
  context: ExecutionContext,
  step: TransactionalStep,
  { run, error, done, isBegun }: Failure & { readonly isBegun: boolean },
): Promise<TidemarkError> {
  const databaseState = describeState(step, run.progress, done)
  if (error instanceof TidemarkError) return error.with({ details: { ...error.details, databaseState } })
  const { latest } = run
  const same = latest?.kind === 'verify' ? run.verify : run.statements
  const { source, header } = sqlOf(step)
  const index = same.findIndex((one) => one.span.start === latest?.span.start)
  return describeFailedStatement(context, {
    id: step.id,
    script: { source, statements: [], header, lockTimeoutMs: run.lockTimeoutMs },
    place: latest === undefined ? { kind: 'open' } : { kind: 'statement', index, statement: latest },
    numbering: { index: index + 1, count: same.length },
    error,
    statementMs: run.statementMs,
    blockers: run.blockers(),
    attempt: run.attempt,
    databaseState,
    direction: step.kind === 'roll_back' ? 'down' : 'up',
    isUnfinished: step.kind === 'roll_back' && isBegun,
  })
}

function describeState(
  step: TransactionalStep,
  progress: BatchProgress | null,
  done: readonly MigrationId[],
): string {
  if (progress === null) return describeUnchanged(step.id, done)
  const own = describeBatches(step, progress)
  return done.length === 0 ? own : `${own} ${listDone(done)}`
}

/**
 * Says what of a migration in batches is done, and what goes on.
 *
 * @example describeBatches(step, progress) // '"042_fill" is done up to id 5000 (5 batches, 4,980 rows) and …'
 */
export function describeBatches({ id, kind }: TransactionalStep, progress: BatchProgress): string {
  const { column, cursor, batches, rows } = progress
  const what = kind === 'roll_back' ? `The @down of "${id}"` : `"${id}"`
  const next = kind === 'roll_back' ? 'the next "tidemark down"' : 'the next run'
  const counts = `${batches} ${batches === 1 ? 'batch' : 'batches'}, ${rows} ${rows === 1 ? 'row' : 'rows'}`
  return `${what} is done up to ${column} = ${shorten(cursor)} (${counts}) and that stays; ${next} continues after it.`
}

function shorten(key: string): string {
  return key.length > 60 ? `${key.slice(0, 59)}…` : key
}
