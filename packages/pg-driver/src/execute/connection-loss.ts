import { type BatchProgress, type MigrationId, type PlanStep, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { isServerError, SQL_STATE } from '../connection/sql-state.ts'
import { wait } from '../connection/wait.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { nameLimit, type TimeLimit } from '../lock/name-limit.ts'
import { releaseLock, tryLock } from '../lock/run-lock.ts'
import { batchedStep, type ExecutableStep } from '../script/step-script.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import { describeBatches } from './batched/apply-batched.ts'
import type { CommittedSteps } from './committed-steps.ts'
import type { CutOffStep } from './outcome.ts'
import { describeGroupFailure } from './pipelined/describe-group-failure.ts'
import type { GroupFailure } from './pipelined/run-pipelined.ts'
import { writeFailure } from './recover.ts'

/** What was in flight when the connection was lost. */
export type ConnectionLoss =
  | { readonly kind: 'between_steps'; readonly error: unknown }
  | { readonly kind: 'group'; readonly group: GroupFailure }
  | { readonly kind: 'standalone'; readonly cutOff: CutOffStep }

/**
 * Ends a run whose connection is gone. Reads from a second connection what became of steps whose COMMIT was
 * in doubt: the records say so, once the old server process is gone. Reports those that are committed and the
 * step that was cut off, and adds the attempt of that one to the history when the run lock is free.
 *
 * @returns TM5008 after an interrupt, TM5004 when a statement was ended by its timeout and the session with
 * it, TM5007 otherwise.
 */
export async function endLostRun(
  context: ExecutionContext,
  loss: ConnectionLoss,
  committed: CommittedSteps,
): Promise<TidemarkError> {
  const facts = factsOf(loss, committed.ids)
  const { found, error } = await resolveLoss(context, facts)
  for (const step of found) committed.add(step, 'waited', 0)
  const { cutOff } = facts
  if (cutOff !== undefined && !found.includes(cutOff.step)) {
    context.emit({ kind: 'step_failed', step: cutOff.step, durationMs: cutOff.durationMs, error })
  }
  return error
}

/** What is known of a loss before anything was read. */
interface LossFacts {
  readonly cause: unknown
  /** Steps that were committed before. */
  readonly done: readonly MigrationId[]
  readonly cutOff: { readonly step: ExecutableStep; readonly durationMs: number } | undefined
  /** Steps that may be committed. */
  readonly inDoubt: readonly PlanStep[]
  readonly group: GroupFailure | undefined
}

function factsOf(loss: ConnectionLoss, done: readonly MigrationId[]): LossFacts {
  switch (loss.kind) {
    case 'between_steps':
      return { done, cause: loss.error, cutOff: undefined, inDoubt: [], group: undefined }
    case 'standalone': {
      const { cutOff } = loss
      return { done, cause: cutOff.error, cutOff, inDoubt: [cutOff.step], group: undefined }
    }
    case 'group': {
      const { group } = loss
      const { failure, failed } = group
      const cutOff = { step: failed.step, durationMs: failure.durationMs }
      return { done, cause: failure.error, cutOff, inDoubt: group.inDoubt.map(({ step }) => step), group }
    }
  }
}

/** Steps that turned out to be committed, and the error to end the run with. */
interface ResolvedLoss {
  readonly found: readonly PlanStep[]
  readonly error: TidemarkError
}

async function resolveLoss(context: ExecutionContext, facts: LossFacts): Promise<ResolvedLoss> {
  await context.interruption.ended()
  // An embedded database is started again only once the one that is ending has ended.
  context.connection.destroy()
  await context.connection.closed
  try {
    const control = await context.engine.connect('control')
    try {
      return await readRecords(context, facts, control)
    } finally {
      await control.close()
    }
  } catch (error) {
    return { found: [], error: describeLoss(context, facts, [], { kind: 'unknown', error }) }
  }
}

async function readRecords(
  context: ExecutionContext,
  facts: LossFacts,
  control: Connection,
): Promise<ResolvedLoss> {
  const isGone = await waitUntilGone(control, context.connection.processId)
  const history = await createTrackingStore(control, context.settings.schema).readHistory()
  const rows = history.kind === 'present' ? history.rows : []
  const own = rows.filter(({ runId }) => runId === context.run.runId)
  const found = facts.inDoubt.filter((step) => {
    const status = step.kind === 'roll_back' ? 'rolled_back' : 'completed'
    return own.some((row) => row.id === step.id && row.status === status)
  })
  const row = own.find(({ id }) => id === facts.cutOff?.step.id)
  const statementsDone = row?.status === 'running' ? row.statementsDone : null
  const progress = row?.status === 'running' ? row.progress : undefined
  const limit = await findLimit(control, facts.cause)
  const state = isGone
    ? ({ kind: 'read', statementsDone, progress } as const)
    : ({ kind: 'running' } as const)
  const error =
    (await describeTimeout(context, facts, found, state)) ?? describeLoss(context, facts, found, state, limit)
  if (isGone) await recordCutOff(context, control, { facts, found, statementsDone, error })
  return { found, error }
}

const GONE_LIMIT_MS = 2000

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
  control: Connection,
  loss: {
    readonly facts: LossFacts
    readonly found: readonly PlanStep[]
    readonly statementsDone: number | null
    readonly error: TidemarkError
  },
): Promise<void> {
  const { facts, found, statementsDone, error } = loss
  const { cutOff, group } = facts
  if (cutOff === undefined || found.includes(cutOff.step)) return
  // Of a step by itself whose row is not this run's, nothing was done.
  if (group === undefined && statementsDone === null) return
  if (!(await tryLock(control, context.lockKey))) return
  await writeFailure(context, control, { ...cutOff, statementsDone, error })
  await releaseLock(control, context.lockKey)
}

const LIMITS: Readonly<Record<string, TimeLimit>> = {
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
  '57P05': 'idle_session_timeout',
}

/** Who set the time limit by which the server ended the session: without a change it will be met again. */
async function findLimit(control: Connection, cause: unknown): Promise<string | undefined> {
  const limit = isServerError(cause) ? LIMITS[cause.code] : undefined
  if (limit === undefined) return undefined
  const set = await nameLimit(control, limit).catch(() => undefined)
  return `${set ?? `the file, a function or the server sets ${limit}`}; raise it, or take it back`
}

type KnownState =
  /** Of a step without a transaction: how many statements its row says are done. */
  | {
      readonly kind: 'read'
      readonly statementsDone: number | null
      /** Of a step in batches. */
      readonly progress: BatchProgress | undefined
    }
  /** The old server process does not end. */
  | { readonly kind: 'running' }
  | { readonly kind: 'unknown'; readonly error: unknown }

/**
 * A statement that ended its session: by its timeout, where it could be ended in no other way, or in the
 * embedded engine, which it broke. What failed is the statement, as on a server.
 */
async function describeTimeout(
  context: ExecutionContext,
  { group, done, cause }: LossFacts,
  found: readonly PlanStep[],
  state: KnownState,
): Promise<TidemarkError | undefined> {
  const isTimeout = isServerError(cause) && cause.code === SQL_STATE.queryCanceled
  const isBroken = context.connection.kind === 'embedded'
  if (group === undefined || !(isTimeout || isBroken) || state.kind !== 'read' || context.signal?.aborted)
    return undefined
  if (found.includes(group.failed.step)) return undefined
  return describeGroupFailure(context, group, [...done, ...found.map(({ id }) => id)])
}

function describeLoss(
  context: ExecutionContext,
  { cutOff, done, cause, group }: LossFacts,
  found: readonly PlanStep[],
  state: KnownState,
  limit?: string,
): TidemarkError {
  const applied = [...done, ...found.map((step) => step.id)]
  const id = cutOff?.step.id
  const cutOffId = id !== undefined && applied.includes(id) ? undefined : id
  const interrupted = context.signal?.aborted === true
  const reason = cause instanceof Error ? cause.message : String(cause)
  const during = cutOffId === undefined ? '' : ` during "${cutOffId}"`
  return new TidemarkError({
    code: interrupted ? 'TM5008' : 'TM5007',
    message: interrupted ? `interrupted${during}` : `the connection was lost${during}: ${reason}`,
    remedy: {
      kind: 'rerun',
      command: cutOff?.step.kind === 'roll_back' ? 'down' : 'up',
      reason: limit ?? 'it continues from the records in the database',
    },
    details: {
      migration: id ?? null,
      applied,
      databaseState: [
        describeState(cutOffId === undefined ? undefined : cutOff?.step, state),
        ...(group?.isUnconfirmed === true && found.length > 0 ? [describeUnconfirmed(found)] : []),
      ].join(' '),
    },
    cause,
  })
}

function describeUnconfirmed(found: readonly PlanStep[]): string {
  const ids = found.map(({ id }) => `"${id}"`).join(', ')
  return `${ids} is committed on this server, and not confirmed by a synchronous standby.`
}

function describeState(cutOff: ExecutableStep | undefined, state: KnownState): string {
  if (state.kind === 'unknown') return 'What the database holds could not be read; the next run reads it.'
  if (state.kind === 'running')
    return 'The server process has not ended yet; the next run waits for its lock.'
  if (cutOff === undefined) return 'No migration was interrupted.'
  const { statementsDone, progress } = state
  const batched = batchedStep(cutOff)
  if (progress !== undefined && batched !== undefined) return describeBatches(batched, progress)
  if (statementsDone === null) return `The database is unchanged by "${cutOff.id}" (rolled back).`
  const count = statementsDone === 1 ? '1 statement' : `${statementsDone} statements`
  const isDown = cutOff.kind === 'roll_back'
  const what = isDown ? `the @down of "${cutOff.id}"` : `"${cutOff.id}"`
  const next = isDown ? 'the next "tidemark down"' : 'the next run'
  return `Of ${what} ${count} ${statementsDone === 1 ? 'is' : 'are'} done; ${next} continues after that.`
}
