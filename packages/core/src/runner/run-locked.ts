import type { CatalogMark } from '../catalog/model/catalog-mark.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import type { History } from '../plan/history/history.ts'
import { listPending } from '../plan/pending/list-pending.ts'
import { bindStep } from '../plan/plan/bind-step.ts'
import { isRefused, type MigrationPlan, type PlanStep } from '../plan/plan/plan.ts'
import type { MigrationSession, RunIdentity, StepBackup } from '../ports/migration-session.ts'
import type { RunEvent } from '../ports/run-events.ts'
import type { HookMoments } from './hook-moments.ts'
import type { Planner, ResolvedFiles } from './make-plan.ts'
import { type Measuring, measureAttempts } from './measure-attempts.ts'
import { type Notes, noteRehearsed } from './noted-backup.ts'
import { refusedError, refuseUnlessSame } from './refuse.ts'
import type { ExecutionOptions, RunAction } from './runner-options.ts'

/** What the steps came to. */
interface Tally {
  readonly done: MigrationId[]
  readonly failed: { readonly id: MigrationId; readonly error: TidemarkError }[]
  readonly measuring: Measuring
}

type PausedStep = Extract<RunEvent, { readonly kind: 'step_paused' }>

/** What {@link runLocked} works with. */
export interface LockedRun {
  readonly action: RunAction
  readonly session: MigrationSession
  readonly run: RunIdentity
  readonly files: ResolvedFiles
  readonly planner: Planner
  readonly execution: ExecutionOptions
  readonly backup: StepBackup | undefined
  readonly notes: Notes
  /** When batches end, by `performance.now()`. */
  readonly until: number | undefined
  readonly hooks: HookMoments
  /** After the lock was given to another run. The empty plan when others have done everything. */
  readonly waitAgain: () => Promise<MigrationPlan | undefined>
}

/** What a run came to. */
export interface LockedResult {
  readonly plan: MigrationPlan
  readonly done: readonly MigrationId[]
  /** The step that was stopped when the time for batches was over. */
  readonly paused?: PausedStep
  /** Another run was let in, and has done the rest. */
  readonly rest?: 'left_to_others'
}

/**
 * What a run does while it has the lock: prepare, plan, execute, check, finish.
 *
 * @throws TidemarkError for a plan that is refused, and the first failure.
 */
export async function runLocked(locked: LockedRun): Promise<LockedResult> {
  const { session, run, files, planner, execution, backup, hooks } = locked
  const startedAt = performance.now()
  const tally: Tally = { done: [], failed: [], measuring: measureAttempts() }
  let planned: MigrationPlan | undefined
  let isFinished = false
  const finish = async () => {
    isFinished = true
    const changed = tally.done.length > 0 || tally.failed.length > 0
    const idle = locked.action === 'apply' && !changed
    await session.finish(run, { changed, idle, measures: tally.measuring.list() })
  }
  try {
    const catalog = await readRehearsed(session, execution)
    const history = await session.prepare(files.migrations, run, execution.onEvent)
    const plan = await planner(history, session.store)
    refuseUnlessSound(plan, session, { ...execution, catalog })
    refuseUnstorable(session.checkPlan(plan), locked)
    planned = plan
    execution.onEvent?.({ kind: 'planned', plan, runId: run.runId })
    if (plan.steps.length > 0) await hooks.beforeUp(plan)
    await backup?.prepare(plan.steps, run)
    const ended = await executeAll(locked, plan, tally)
    // Others have the lock, and have finished what was left.
    if (ended === 'left') isFinished = true
    if ((ended === undefined || ended === 'nothing_left') && plan.steps.length > 0) {
      checkNothingForgotten(files, plan, await session.store.readHistory())
    }
    if (plan.steps.length > 0) await hooks.afterUp(plan, tally.done, performance.now() - startedAt)
    if (ended !== 'left') await finish()
    if (ended === 'left' || ended === 'nothing_left')
      return { plan, done: tally.done, rest: 'left_to_others' }
    return { plan, done: tally.done, ...(ended === undefined ? {} : { paused: ended }) }
  } catch (error) {
    // The first failure counts: what goes wrong while finishing after it would hide it.
    if (!isFinished) {
      if (planned !== undefined) await hooks.onError(planned, error, idsOf(tally))
      await finish().catch(() => undefined)
    }
    const isLoss = error instanceof TidemarkError && ['TM5007', 'TM5008', 'TM5014'].includes(error.code)
    throw isLoss && planned !== undefined ? withTally(error, planned, tally) : error
  }
}

function idsOf({ done, failed }: Tally): { done: readonly MigrationId[]; failed: readonly MigrationId[] } {
  return { done, failed: failed.map(({ id }) => id) }
}

/** Of what was planned before another run was let in, that which is still to do. */
function restOf(plan: MigrationPlan, rest: MigrationPlan): MigrationPlan {
  const ids = new Set(plan.steps.map(({ id }) => id))
  return { ...plan, steps: rest.steps.filter(({ id }) => ids.has(id)) }
}

/**
 * Executes a plan, and lets other runs in where a migration in batches stops for them.
 *
 * @returns the step that was stopped when the time for batches was over; `left` when others have the lock and have
 *   done the rest, `nothing_left` when they have done it and have given the lock back.
 */
async function executeAll(
  locked: LockedRun,
  plan: MigrationPlan,
  tally: Tally,
): Promise<PausedStep | 'left' | 'nothing_left' | undefined> {
  const { session, planner, files, run } = locked
  let paused = await executeParts(locked, plan, tally)
  while (paused?.reason === 'waiting_run') {
    await session.yieldLock()
    if ((await locked.waitAgain()) !== undefined) return 'left'
    const rest = await planner(await session.prepare(files.migrations, run), session.store)
    if (isRefused(rest)) throw refusedError(rest.findings)
    const left = restOf(plan, rest)
    if (left.steps.length === 0) return 'nothing_left'
    paused = await executeParts(locked, left, tally)
  }
  return paused
}

async function executeParts(
  locked: LockedRun,
  plan: MigrationPlan,
  tally: Tally,
): Promise<PausedStep | undefined> {
  for (const part of partsOf(plan)) {
    // What was rolled back is registered anew, so that its file's text of today is what is applied.
    if (part.isAfterRollback) await locked.session.prepare(locked.files.migrations, locked.run)
    locked.notes.clear()
    noteRehearsed(locked.notes, locked.execution)
    const paused = await executeSteps(locked, { ...plan, steps: part.steps }, { plan, tally })
    if (paused !== undefined) return paused
  }
  return undefined
}

/** A plan that rolls back and then applies is executed in two parts. */
function partsOf({ steps }: MigrationPlan) {
  const isDown = ({ kind }: PlanStep) => kind === 'roll_back'
  const down = steps.filter(isDown)
  const up = steps.filter((step) => !isDown(step))
  return [
    ...(down.length === 0 ? [] : [{ steps: down, isAfterRollback: false }]),
    ...(up.length === 0 ? [] : [{ steps: up, isAfterRollback: down.length > 0 }]),
  ]
}

/** Before anything is written, the tracking tables included. */
async function readRehearsed(
  session: MigrationSession,
  { plan: saved }: ExecutionOptions,
): Promise<CatalogMark | undefined> {
  if (saved?.rehearsal === undefined) return undefined
  return session.readCatalogMark({
    ...saved.rehearsal.catalog.scope,
    trackingSchema: session.target.schema,
  })
}

function refuseUnlessSound(
  plan: MigrationPlan,
  session: MigrationSession,
  execution: ExecutionOptions & { readonly catalog: CatalogMark | undefined },
): void {
  const { plan: saved, anyTarget = false, catalog } = execution
  refuseUnlessSame(saved, { plan, target: session.target, targets: anyTarget ? 'any' : 'same', catalog })
  if (isRefused(plan)) throw refusedError(plan.findings)
}

/** Where a run goes on past failures, such a file is one; what was rolled back first must be applied again. */
function refuseUnstorable(found: readonly Diagnostic[], { action, execution }: LockedRun): void {
  const isFailure = action === 'apply' && execution.keepGoing === true
  if (found.length > 0 && !isFailure) throw refusedError(found)
}

async function executeSteps(
  { action, session, run, files, execution, backup, until, hooks }: LockedRun,
  part: MigrationPlan,
  { plan, tally }: { readonly plan: MigrationPlan; readonly tally: Tally },
): Promise<PausedStep | undefined> {
  const { signal, keepGoing = false, onEvent } = execution
  const steps = new Map(part.steps.map((step) => [step.id, step]))
  const bound = part.steps.map((step) => bindStep(step, files.graph.variables))
  const events = session.executePlan(
    { ...part, steps: bound },
    {
      run,
      keepGoing,
      batches: { until, yields: action === 'apply' },
      ...(signal === undefined ? {} : { signal }),
      ...(backup === undefined ? {} : { backup }),
    },
  )
  let paused: PausedStep | undefined
  try {
    for await (const executed of events) {
      const event = withoutValues(executed, steps)
      tally.measuring.onEvent(event)
      if (event.kind === 'step_paused') paused = event
      if (event.kind === 'step_finished') tally.done.push(event.step.id)
      if (event.kind === 'step_failed') tally.failed.push({ id: event.step.id, error: event.error })
      onEvent?.(event)
      if (event.kind === 'step_finished') await hooks.afterEach(event.step, event.durationMs)
    }
  } catch (error) {
    throw error instanceof TidemarkError ? withTally(error, plan, tally) : error
  }
  const [first] = tally.failed
  if (first !== undefined) throw withTally(first.error, plan, tally)
  return paused
}

/** What listens to a run is given the steps of the plan: those that are executed hold values of variables. */
function withoutValues(event: RunEvent, steps: ReadonlyMap<MigrationId, PlanStep>): RunEvent {
  if (!('step' in event)) return event
  return { ...event, step: steps.get(event.step.id) ?? event.step }
}

/** The first failure, with what the run came to in its details. */
function withTally(error: TidemarkError, plan: MigrationPlan, { done, failed }: Tally): TidemarkError {
  const settled = new Set([...done, ...failed.map(({ id }) => id)])
  return error.with({
    details: {
      applied: done,
      failed: failed.map(({ id }) => id),
      notRun: [...new Set(plan.steps.map((step) => step.id))].filter((id) => !settled.has(id)),
    },
  })
}

/** I3: what was planned is there, and nothing is pending but what was left out on purpose. */
function checkNothingForgotten({ graph }: ResolvedFiles, plan: MigrationPlan, history: History): void {
  if (!['apply', 'reset', 'switch'].includes(plan.request.action)) return
  const leftOut = new Set(plan.leftOut)
  const forgotten = listPending({ graph, history }).filter(({ id }) => !leftOut.has(id))
  if (forgotten.length === 0) return
  const ids = forgotten.map(({ id }) => id)
  throw new TidemarkError({
    code: 'TM5010',
    message: `still pending after the run: ${ids.join(', ')}`,
    remedy: {
      kind: 'check_status',
      command: 'up',
      reason: 'the rows were changed during the run',
    },
    details: { applied: plan.steps.map((step) => step.id), pending: ids },
  })
}
