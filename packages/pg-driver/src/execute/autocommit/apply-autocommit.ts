import { countStatements, type MigrationId, TidemarkError } from '@tidemark/core'
import { isRetryable, isServerError, SQL_STATE } from '../../connection/sql-state.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { describeFailedStatement, describeUnchanged, listDone } from '../../failure/describe-failure.ts'
import { locateLarge } from '../../script/statement-feed.ts'
import { type ExecutableStep, type ScriptStatement, sqlOf } from '../../script/step-script.ts'
import { execute } from '../../statement/compiled-statement.ts'
import { recordAppliedStatement, recordRolledBackStatement } from '../../tracking/write/record.ts'
import { readChanges, selectTrackingChanges } from '../../tracking/write/tracking-check.ts'
import { COMMITTED, isLoss, type StandaloneOutcome } from '../outcome.ts'
import { recordFailure, resetSession, rollBack } from '../recover.ts'
import { AutocommitRun } from './autocommit-run.ts'
import { executionModeOf, factsOf } from './execution-mode.ts'
import { findIndex } from './index-state.ts'

/**
 * Executes a step statement by statement, each committed by itself (`Transaction: none`). What is done is
 * written down after each, so that the next run goes on there; of a statement that cannot share a transaction
 * with that note, the next run looks for the effect.
 */
export async function applyAutocommit(
  context: ExecutionContext,
  step: ExecutableStep,
  done: readonly MigrationId[],
): Promise<StandaloneOutcome> {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const run = new AutocommitRun(context, step)
  try {
    await run.begin()
    await run.run()
    context.connection.onNotice(null)
    await resetSession(context)
    await record(context, step, elapsed())
    return COMMITTED
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error
    context.connection.onNotice(null)
    const durationMs = elapsed()
    if (isLoss(error)) return { kind: 'connection_lost', cutOff: { step, error, durationMs } }
    return { kind: 'failed', failure: await fail(context, step, { run, error, durationMs, done }) }
  } finally {
    context.connection.onNotice(null)
    await run.stop()
  }
}

function record(
  { connection, settings, run }: ExecutionContext,
  step: ExecutableStep,
  executionTimeMs: number,
) {
  const transaction = { kind: 'none', executionTimeMs } as const
  return execute(
    connection,
    step.kind === 'roll_back'
      ? recordRolledBackStatement(settings.schema, { id: step.id, run, transaction })
      : recordAppliedStatement(settings.schema, { migration: step.migration, run, transaction }),
  )
}

interface Failure {
  readonly run: AutocommitRun
  readonly error: Error
  readonly durationMs: number
  readonly done: readonly MigrationId[]
}

/** Rolls back, describes and records why it failed. */
async function fail(
  context: ExecutionContext,
  step: ExecutableStep,
  failure: Failure,
): Promise<TidemarkError> {
  await rollBack(context)
  const { error: cause, durationMs } = failure
  const progress = hasNoEffect(step, failure) ? null : progressOf(step, failure.run)
  const error = await explain(context, step, { ...failure, progress })
  const statementsDone = progress?.done ?? null
  await recordFailure(context, { step, cause, error, statementsDone, durationMs }).catch(
    (refused: unknown) => {
      // The file changed the tables in which it would be written; the error says how.
      if (error.code !== 'TM5015' || !isServerError(refused)) throw refused
    },
  )
  return error
}

function describeProgress(
  { id, kind }: ExecutableStep,
  { done: statementsDone, count }: Progress,
  done: readonly MigrationId[],
): string {
  const what = kind === 'roll_back' ? `the @down of "${id}"` : `"${id}"`
  const next = kind === 'roll_back' ? 'the next "tidemark down"' : 'the next run'
  if (statementsDone === 0) {
    const none = `No statement of ${what} is done; ${next} begins with the first.`
    return done.length === 0 ? none : `${none} ${listDone(done)}`
  }
  const own =
    statementsDone === 1
      ? `1 of ${count} statements of ${what} is done and stays; ${next} continues after it.`
      : `${statementsDone} of ${count} statements of ${what} are done and stay; ${next} continues after them.`
  return done.length === 0 ? own : `${own} ${listDone(done)}`
}

interface Progress {
  /** Statements that are done, of `count`. */
  readonly done: number
  readonly count: number
}

function progressOf(step: ExecutableStep, run: AutocommitRun): Progress {
  const count = step.kind === 'roll_back' ? sqlOf(step).up.length : countStatements(step.migration)
  return { count, done: step.kind === 'verify' ? count : Math.min(run.done, count) }
}

/**
 * Tells whether a rollback is as if it had not begun: its first statement was refused by the server and rolled
 * back. One that was cut off is not over, even where nothing of it can have stayed.
 */
function hasNoEffect(step: ExecutableStep, { run, error }: Failure): boolean {
  const { done, latest, started } = run
  if (step.kind !== 'roll_back' || done > 0 || latest === undefined || started !== undefined) return false
  const isCutOff = !isServerError(error) || error.code === SQL_STATE.queryCanceled
  return !isCutOff && executionModeOf(factsOf(latest)).kind === 'wrapped'
}

async function explain(
  context: ExecutionContext,
  step: ExecutableStep,
  { run, error, done, progress }: Failure & { readonly progress: Progress | null },
): Promise<TidemarkError> {
  const { source, header } = sqlOf(step)
  const { count } = progress ?? progressOf(step, run)
  const databaseState =
    progress === null ? describeUnchanged(step.id, done) : describeProgress(step, progress, done)
  const { latest } = run
  const located = latest === undefined ? undefined : await locateLarge(latest, error)
  const described = await describeFailedStatement(context, {
    id: step.id,
    script: { source, statements: [], header, lockTimeoutMs: run.lockTimeoutMs },
    place:
      located === undefined ? { kind: 'close' } : { kind: 'statement', index: run.done, statement: located },
    numbering: numberingOf(run, located?.kind, step.kind === 'verify' ? 0 : count),
    error,
    changedTables: await findChangedTables(context, error),
    statementMs: run.statementMs,
    blockers: run.blockers(),
    attempt: run.attempt,
    databaseState,
    direction: step.kind === 'roll_back' ? 'down' : 'up',
    isUnfinished: progress !== null,
  })
  if (error instanceof TidemarkError) return locateOwn(error, described)
  const remains = await findRemains(context, run)
  return remains === undefined ? described : withRemains(described, remains)
}

/** What the statements that are committed changed on the tracking tables; undefined where others hold them. */
async function findChangedTables(
  { connection, settings }: ExecutionContext,
  error: Error,
): Promise<string | undefined> {
  if (!isServerError(error)) return undefined
  try {
    const [row] = await execute<{ changes: string }>(connection, selectTrackingChanges(settings.schema))
    return readChanges(row?.changes)
  } catch (refused) {
    if (isRetryable(refused)) return undefined
    throw refused
  }
}

/** Verify statements count for themselves. */
function numberingOf(run: AutocommitRun, kind: ScriptStatement['kind'] | undefined, sqlCount: number) {
  return kind === 'verify'
    ? { index: run.done - sqlCount + 1, count: run.count - sqlCount }
    : { index: run.done + 1, count: sqlCount }
}

/** An error of our own, at the place and with the state of a failed statement. */
function locateOwn(own: TidemarkError, { location, frame, details }: TidemarkError): TidemarkError {
  return own.with({ location, frame, details: { ...details, ...own.details } })
}

/** The index that a failed statement left invalid. */
async function findRemains(
  { connection }: ExecutionContext,
  run: AutocommitRun,
): Promise<string | undefined> {
  const { started } = run
  if (started?.index === undefined || started.invalidIndexes.includes(started.index)) return undefined
  const index = await findIndex(connection, started.index)
  return index?.valid === false ? index.name : undefined
}

function withRemains(described: TidemarkError, index: string): TidemarkError {
  const { remedy } = described
  const dropIndex = { kind: 'drop_index', index } as const
  return described.with({
    remedy: remedy === undefined ? dropIndex : { kind: 'all', remedies: [remedy, dropIndex] },
    details: { invalidIndex: index },
  })
}
