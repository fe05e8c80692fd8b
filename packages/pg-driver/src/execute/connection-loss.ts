import { type MigrationId, type PlanStep, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { isServerError, SQL_STATE } from '../connection/sql-state.ts'
import { wait } from '../connection/wait.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import type { LostStep } from '../failure/lost-step.ts'
import { releaseLock, tryLock } from '../lock/run-lock.ts'
import { execute } from '../statement/compiled-statement.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import { recordFailedStatement } from '../tracking/write/attempt.ts'
import { describeGroupFailure } from './pipelined/describe-group-failure.ts'
import type { GroupFailure } from './pipelined/run-pipelined.ts'

/** What is known when a connection is gone. */
export interface Loss {
  readonly failure: GroupFailure | undefined
  /** A step without a transaction that was under way. */
  readonly alone: LostStep | undefined
  readonly done: readonly MigrationId[]
  readonly cause: unknown
  /** Set when the run was interrupted: settles when the server process is gone. */
  readonly interruption: Promise<boolean> | undefined
}

/** Steps whose COMMIT was in doubt and turned out to have landed, and the error to end the run with. */
export interface ResolvedLoss {
  readonly landed: readonly PlanStep[]
  readonly error: TidemarkError
}

const GONE_LIMIT_MS = 2000

/**
 * Reads from a second connection what became of steps whose COMMIT was in doubt: the record tells, once the old server
 * process is gone. Adds the attempt of the step that was cut off to the history when the run lock is free.
 *
 * @returns TM5008 after an interrupt, TM5004 when a statement was ended by its timeout and the session with it, TM5007 otherwise.
 */
export async function resolveLoss(context: ExecutionContext, loss: Loss): Promise<ResolvedLoss> {
  await loss.interruption
  // An embedded database is started again only once the one that is ending has ended.
  context.connection.destroy()
  await context.connection.closed
  try {
    const control = await context.engine.connect('control')
    try {
      return await readCommitted(context, loss, control)
    } finally {
      await control.close()
    }
  } catch (error) {
    return { landed: [], error: describeLoss(context, loss, [], { kind: 'unknown', error }) }
  }
}

async function readCommitted(
  context: ExecutionContext,
  loss: Loss,
  control: Connection,
): Promise<ResolvedLoss> {
  const isGone = await waitUntilGone(control, context.connection.processId)
  const history = await createTrackingStore(control, context.settings.schema).readHistory()
  const rows = history.kind === 'present' ? history.rows : []
  const isDone = (step: PlanStep) =>
    rows.some(
      (row) =>
        row.id === step.id &&
        row.runId === context.run.runId &&
        row.status === (step.kind === 'roll_back' ? 'rolled_back' : 'completed'),
    )
  const inDoubt = [...(loss.failure?.inDoubt ?? []), ...(loss.alone === undefined ? [] : [loss.alone])]
  const landed = inDoubt.map(({ step }) => step).filter(isDone)
  const own = rows.find((row) => row.id === loss.alone?.step.id && row.runId === context.run.runId)
  const statementsDone = own?.status === 'running' ? own.statementsDone : null
  const state = isGone ? ({ kind: 'read', statementsDone } as const) : ({ kind: 'running' } as const)
  const error =
    (await describeEnded(context, loss, landed, state)) ?? describeLoss(context, loss, landed, state)
  if (isGone) await recordCutOff(context, { ...loss, landed, statementsDone }, control, error)
  return { landed, error }
}

/** A statement that could be ended only together with its session: what failed is the statement, as on a server. */
async function describeEnded(
  context: ExecutionContext,
  { failure, done, cause }: Loss,
  landed: readonly PlanStep[],
  state: KnownState,
): Promise<TidemarkError | undefined> {
  const isTimeout = isServerError(cause) && cause.code === SQL_STATE.queryCanceled
  if (failure === undefined || !isTimeout || state.kind !== 'read' || context.signal?.aborted)
    return undefined
  if (landed.includes(failure.failed.step)) return undefined
  return describeGroupFailure(context, failure, [...done, ...landed.map(({ id }) => id)])
}

/** The server process may still be at work: a commit that is on its way would be missed. */
async function waitUntilGone(control: Connection, processId: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= GONE_LIMIT_MS; waitedMs += 50) {
    const { rows } = await control.query(`SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = ${processId}`)
    if (rows.length === 0) return true
    await wait(50)
  }
  return false
}

async function recordCutOff(
  context: ExecutionContext,
  loss: Loss & { readonly landed: readonly PlanStep[]; readonly statementsDone: number | null },
  control: Connection,
  error: TidemarkError,
): Promise<void> {
  const { failure, alone, landed, statementsDone } = loss
  const step = failure?.failed.step ?? alone?.step
  if (step === undefined || landed.includes(step)) return
  // Of a step without a transaction whose row is not this run's, nothing was done.
  if (alone !== undefined && statementsDone === null) return
  if (!(await tryLock(control, context.lockKey))) return
  await execute(
    control,
    recordFailedStatement(context.settings.schema, {
      subject:
        step.kind === 'roll_back'
          ? { direction: 'down', id: step.id }
          : { direction: 'up', migration: step.migration },
      run: context.run,
      errorMessage: error.message,
      statementsDone,
      executionTimeMs: failure?.outcome.durationMs ?? alone?.durationMs ?? null,
    }),
  )
  await releaseLock(control, context.lockKey)
}

type KnownState =
  /** Of a step without a transaction: how many statements its row says are done. */
  | { readonly kind: 'read'; readonly statementsDone: number | null }
  /** The old server process does not end. */
  | { readonly kind: 'running' }
  | { readonly kind: 'unknown'; readonly error: unknown }

function describeLoss(
  context: ExecutionContext,
  { failure, alone, done, cause }: Loss,
  landed: readonly PlanStep[],
  state: KnownState,
): TidemarkError {
  const applied = [...done, ...landed.map((step) => step.id)]
  const cutOff = failure?.failed.step.id ?? alone?.step.id
  const wasCommitted = cutOff !== undefined && applied.includes(cutOff)
  const interrupted = context.signal?.aborted === true
  const reason = cause instanceof Error ? cause.message : String(cause)
  const during = cutOff === undefined || wasCommitted ? '' : ` during "${cutOff}"`
  return new TidemarkError({
    code: interrupted ? 'TM5008' : 'TM5007',
    message: interrupted ? `interrupted${during}` : `the connection was lost${during}: ${reason}`,
    help: 'run "tidemark up" again: the records in the database say where to go on',
    details: {
      migration: cutOff ?? null,
      applied,
      databaseState: describeState(wasCommitted ? undefined : cutOff, state),
    },
    cause,
  })
}

function describeState(cutOff: string | undefined, state: KnownState): string {
  if (state.kind === 'unknown') return 'What the database holds could not be read; the next run reads it.'
  if (state.kind === 'running')
    return 'The server process has not ended yet; the next run waits for its lock.'
  if (cutOff === undefined) return 'Nothing was cut off.'
  const { statementsDone } = state
  if (statementsDone === null) return `The database is unchanged by "${cutOff}" (rolled back).`
  const count = statementsDone === 1 ? '1 statement' : `${statementsDone} statements`
  return `Of "${cutOff}" ${count} ${statementsDone === 1 ? 'is' : 'are'} done; the next run goes on after that.`
}
