import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { MigrationId } from '../migration/migration.ts'
import { comparePlans } from '../plan/compare-plans.ts'
import type { History } from '../plan/history.ts'
import { isRefused } from '../plan/is-refused.ts'
import { listPending } from '../plan/list-pending.ts'
import type { MigrationPlan } from '../plan/plan.ts'
import type { MigrationSession, RunIdentity } from '../ports/migration-session.ts'
import type { Planner, ResolvedFiles } from './make-plan.ts'
import { refusedError } from './refuse.ts'
import type { ExecutionOptions, RunnerOptions, RunResult } from './runner-options.ts'

/** What the steps came to. */
interface Tally {
  readonly done: MigrationId[]
  readonly failed: { readonly id: MigrationId; readonly error: TidemarkError }[]
}

/**
 * One run: connect, lock, prepare, plan inside the lock, execute, check, finish. Losers of a race wait, read again, and
 * have nothing to do.
 */
export async function executeRun(
  options: RunnerOptions,
  files: ResolvedFiles,
  planner: Planner,
  execution: ExecutionOptions,
): Promise<RunResult> {
  const startedAt = performance.now()
  const { signal, onEvent = () => undefined } = execution
  const { executedBy, toolVersion } = options
  const run: RunIdentity = { runId: options.newRunId(), executedBy, toolVersion }
  const session = await options.database.openSession(signal)
  const { target, serverVersion } = session
  const result = (
    outcome: RunResult['outcome'],
    plan: MigrationPlan,
    done: readonly MigrationId[],
  ): RunResult => {
    const durationMs = performance.now() - startedAt
    onEvent({ kind: 'run_finished', done, failed: [], durationMs })
    return { outcome, runId: run.runId, target, serverVersion, plan, done, durationMs }
  }
  try {
    onEvent({ kind: 'connected', target, serverVersion })
    const left = await waitForLock(session, planner, options, execution)
    if (left !== undefined) return result('left_to_others', left, [])
    const { plan, done } = await runLocked({ session, run, files, planner, execution })
    return result(plan.steps.length === 0 ? 'nothing_to_do' : 'done', plan, done)
  } finally {
    await session.close()
  }
}

/** @returns the empty plan of a waiter that left, since others have done everything. */
async function waitForLock(
  session: MigrationSession,
  planner: Planner,
  { lockWaitMs }: RunnerOptions,
  { signal, onEvent = () => undefined, plan: saved }: ExecutionOptions,
): Promise<MigrationPlan | undefined> {
  let last: MigrationPlan | undefined
  const outcome = await session.acquireLock({
    waitMs: lockWaitMs,
    onEvent,
    ...(signal === undefined ? {} : { signal }),
    mayLeave: async () => {
      if (saved !== undefined) return false
      last = await planner(await session.store.readHistory(), session.store)
      return last.direction === 'up' && last.steps.length === 0 && !isRefused(last)
    },
  })
  return outcome === 'left' ? last : undefined
}

interface LockedRun {
  readonly session: MigrationSession
  readonly run: RunIdentity
  readonly files: ResolvedFiles
  readonly planner: Planner
  readonly execution: ExecutionOptions
}

async function runLocked(locked: LockedRun): Promise<{ plan: MigrationPlan; done: readonly MigrationId[] }> {
  const { session, run, files, planner, execution } = locked
  const tally: Tally = { done: [], failed: [] }
  let isFinished = false
  const finish = async () => {
    isFinished = true
    await session.finish(run, { changed: tally.done.length > 0 || tally.failed.length > 0 })
  }
  try {
    const history = await session.prepare(files.migrations, run)
    const plan = await planner(history, session.store)
    refuseUnlessSound(plan, session, execution)
    execution.onEvent?.({ kind: 'planned', plan, runId: run.runId })
    if (plan.steps.length > 0) await executeSteps(locked, plan, tally)
    if (plan.steps.length > 0) checkNothingForgotten(files, plan, await session.store.readHistory())
    await finish()
    return { plan, done: tally.done }
  } catch (error) {
    // The first failure counts: what goes wrong while finishing after it would hide it.
    if (!isFinished) await finish().catch(() => undefined)
    throw error
  }
}

function refuseUnlessSound(
  plan: MigrationPlan,
  session: MigrationSession,
  execution: ExecutionOptions,
): void {
  const { plan: saved, anyTarget = false } = execution
  const moved =
    saved === undefined
      ? []
      : comparePlans(saved, { plan, target: session.target, targets: anyTarget ? 'any' : 'same' })
  if (moved.length > 0) throw refusedError(moved)
  if (isRefused(plan)) throw refusedError(plan.findings)
}

async function executeSteps(
  { session, run, execution }: LockedRun,
  plan: MigrationPlan,
  tally: Tally,
): Promise<void> {
  const { signal, keepGoing = false, onEvent } = execution
  const events = session.executePlan(plan, { run, keepGoing, ...(signal === undefined ? {} : { signal }) })
  try {
    for await (const event of events) {
      if (event.kind === 'step_finished') tally.done.push(event.step.id)
      if (event.kind === 'step_failed') tally.failed.push({ id: event.step.id, error: event.error })
      onEvent?.(event)
    }
  } catch (error) {
    throw error instanceof TidemarkError ? withTally(error, plan, tally) : error
  }
  const [first] = tally.failed
  if (first !== undefined) throw withTally(first.error, plan, tally)
}

/** The first failure, with what the run came to in its details. */
function withTally(error: TidemarkError, plan: MigrationPlan, { done, failed }: Tally): TidemarkError {
  const settled = new Set([...done, ...failed.map(({ id }) => id)])
  return new TidemarkError({
    code: error.code,
    message: error.message,
    ...(error.help === undefined ? {} : { help: error.help }),
    ...(error.location === undefined ? {} : { location: error.location }),
    ...(error.frame === undefined ? {} : { frame: error.frame }),
    diagnostics: error.diagnostics,
    details: {
      ...error.details,
      applied: done,
      failed: failed.map(({ id }) => id),
      notRun: plan.steps.map((step) => step.id).filter((id) => !settled.has(id)),
    },
    cause: error.cause,
  })
}

/** I3: what was planned is there, and nothing is pending but what was left out on purpose. */
function checkNothingForgotten({ graph }: ResolvedFiles, plan: MigrationPlan, history: History): void {
  if (plan.direction !== 'up' || plan.request.action !== 'apply') return
  const leftOut = new Set(plan.leftOut)
  const forgotten = listPending({ graph, history }).filter(({ id }) => !leftOut.has(id))
  if (forgotten.length === 0) return
  const ids = forgotten.map(({ id }) => id)
  throw new TidemarkError({
    code: 'TM5010',
    message: `still pending after the run: ${ids.join(', ')}`,
    help: 'someone changed the rows while the run was under way; run "tidemark status", then "tidemark up" again',
    details: { applied: plan.steps.map((step) => step.id), pending: ids },
  })
}
