import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import { isRefused, type MigrationPlan } from '../plan/plan/plan.ts'
import type { MigrationSession, RunIdentity } from '../ports/migration-session.ts'
import type { RunEvent } from '../ports/run-events.ts'
import { guardListener } from './guard-listener.ts'
import { createHookMoments, type HookMoments, type HookMomentsOptions, NO_HOOKS } from './hook-moments.ts'
import type { Planner, ResolvedFiles } from './make-plan.ts'
import { backupOf, type Notes, noting } from './noted-backup.ts'
import { runLocked } from './run-locked.ts'
import type { ExecutionOptions, RunAction, RunnerOptions, RunObserver, RunResult } from './runner-options.ts'
import { withTimeout } from './with-timeout.ts'

/** What a run does, and on which files. */
export interface RunTask {
  readonly action: RunAction
  readonly files: ResolvedFiles
  readonly planner: Planner
  readonly callsHooks: boolean
}

/**
 * One run: connect, lock, prepare, plan inside the lock, execute, check, finish. Losers of a race wait, read
 * again, and have nothing to do.
 */
export async function executeRun(
  options: RunnerOptions,
  task: RunTask,
  execution: ExecutionOptions,
): Promise<RunResult> {
  const { warn = () => undefined } = options
  const observer = await openObserver(options, task.action, warn)
  const observe = guardListener('telemetry', (act: () => void) => act(), warn)
  const listen = guardListener('onEvent', (event: RunEvent) => execution.onEvent?.(event), warn)
  const onEvent = (event: RunEvent): void => {
    observe(() => observer?.onEvent(event))
    listen(event)
  }
  try {
    const result = await executeObserved(options, task, { ...execution, onEvent })
    observe(() => observer?.end(undefined))
    return result
  } catch (error) {
    observe(() => observer?.end(error))
    throw error
  }
}

/** Who observes is waited for so long: a run waits for no telemetry. */
const OBSERVER_LIMIT_MS = 5000

async function openObserver(
  { observeRun }: RunnerOptions,
  action: RunAction,
  warn: NonNullable<RunnerOptions['warn']>,
): Promise<RunObserver | undefined> {
  if (observeRun === undefined) return undefined
  let observer: RunObserver | undefined
  const open = async (): Promise<void> => {
    const limit = {
      limitMs: OBSERVER_LIMIT_MS,
      onTimeout: () => Promise.reject(new Error('it did not start')),
    }
    observer = await withTimeout(observeRun(action), limit)
  }
  await open().catch(
    guardListener(
      'telemetry',
      (error: unknown) => {
        throw error
      },
      warn,
    ),
  )
  return observer
}

async function executeObserved(
  options: RunnerOptions,
  { action, files, planner, callsHooks }: RunTask,
  execution: ExecutionOptions,
): Promise<RunResult> {
  const startedAt = performance.now()
  const { signal, onEvent = () => undefined, reason } = execution
  const { executedBy, toolVersion } = options
  const why = reason === undefined ? {} : { reason }
  const notes: Notes = new Map()
  const run: RunIdentity = { runId: options.newRunId(), executedBy, toolVersion, notes, ...why }
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
    const wait = (waits: 'openly' | 'quietly') =>
      waitForLock(session, planner, options, { ...execution, waits })
    const left = await wait('openly')
    if (left !== undefined) return result('left_to_others', left, [])
    const backup = noting(backupOf(options, execution), notes)
    const hooks = hooksOf(options, callsHooks, { runId: run.runId, target, signal, onEvent })
    const { plan, done, paused, rest } = await runLocked({
      session,
      run,
      action,
      files,
      planner,
      execution,
      backup,
      notes,
      until: execution.batchesForMs === undefined ? undefined : startedAt + execution.batchesForMs,
      waitAgain: () => waitAgain(session, () => wait('quietly')),
      hooks,
    })
    const failed = hooks.failures.length === 0 ? {} : { hookFailures: hooks.failures }
    if (paused !== undefined) return { ...result('paused', plan, done), paused, ...failed }
    if (rest !== undefined) return { ...result(rest, plan, done), ...failed }
    return { ...result(plan.steps.length === 0 ? 'nothing_to_do' : 'done', plan, done), ...failed }
  } finally {
    await session.close()
  }
}

const HOOK_LIMIT_MS = 60_000

function hooksOf(
  { hooks, hookTimeoutMs: limitMs = HOOK_LIMIT_MS }: RunnerOptions,
  callsHooks: boolean,
  run: Omit<HookMomentsOptions, 'hooks' | 'limitMs'>,
): HookMoments {
  return hooks === undefined || !callsHooks ? NO_HOOKS : createHookMoments({ ...run, hooks, limitMs })
}

type Waiting = ExecutionOptions & { readonly waits: 'openly' | 'quietly' }

/**
 * Waits for the run that was let in. It may walk for hours: as long as the rows change, it is waited for.
 *
 * @returns the empty plan when others have done everything.
 */
async function waitAgain(
  session: MigrationSession,
  wait: () => Promise<MigrationPlan | undefined>,
): Promise<MigrationPlan | undefined> {
  for (;;) {
    const before = JSON.stringify(await session.store.readHistory())
    try {
      return await wait()
    } catch (error) {
      const isLimit = error instanceof TidemarkError && error.code === 'TM5003'
      if (!isLimit || JSON.stringify(await session.store.readHistory()) === before) throw error
    }
  }
}

/** @returns the empty plan of a waiter that left, since others have done everything. */
async function waitForLock(
  session: MigrationSession,
  planner: Planner,
  { lockWaitMs }: RunnerOptions,
  { signal, onEvent = () => undefined, plan: saved, waits }: Waiting,
): Promise<MigrationPlan | undefined> {
  let last: MigrationPlan | undefined
  const outcome = await session.acquireLock({
    waitMs: lockWaitMs,
    onEvent,
    waits,
    ...(signal === undefined ? {} : { signal }),
    mayLeave: async () => {
      if (saved !== undefined && waits === 'openly') return false
      last = await planner(await session.store.readHistory(), session.store)
      return last.direction === 'up' && last.steps.length === 0 && !isRefused(last)
    },
  })
  return outcome === 'left' ? last : undefined
}
