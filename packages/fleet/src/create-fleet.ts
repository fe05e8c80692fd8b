import {
  type ExecutionOptions,
  guardListener,
  isRefused,
  type MigrationRunner,
  type RollbackRequest,
  type RunEvent,
  type RunResult,
  type SavedPlan,
  savePlan,
} from '@tidemark/core'
import { durationMs, observeRollout } from '@tidemark/pg-driver/engine'
import { checkFleetOptions, type FleetOptions } from './fleet-options.ts'
import { type FleetQueue, openFleetQueue } from './queue/fleet-queue.ts'
import {
  askTargets,
  boundsOf,
  type FailedTarget,
  type FleetReadOptions,
  openFiles,
  readChosen,
  refuseWrongFiles,
  withPool,
} from './rollout/ask-targets.ts'
import { countOutcomes, type FleetEvent, type RolloutResult } from './rollout/outcome.ts'
import { runWaves } from './rollout/run-waves.ts'
import { openTarget } from './server/open-target.ts'
import { shareSignal } from './server/share-signal.ts'
import type { TargetPlan } from './summary/group-plans.ts'
import { listRollouts, type Rollout, type TargetAttempts } from './summary/list-rollouts.ts'
import { type TargetStatus, toTargetState } from './summary/target-state.ts'
import type { ParsedTarget } from './target/parse-targets.ts'
import { chooseWaves, planWaves } from './wave/plan-waves.ts'
import { allowedFailures } from './wave/stop-rule.ts'

/** What `plan` takes. */
export interface FleetPlanOptions extends FleetReadOptions {
  /** Plans this rollback in place of what is pending. */
  readonly rollback?: RollbackRequest | undefined
}

/** What `up` takes. */
export interface RolloutOptions extends FleetReadOptions {
  /** These waves alone, by name. Default all. */
  readonly waves?: readonly string[] | undefined
  /**
   * Only targets whose records say that a migration failed last, and those that cannot be read now. Default
   * false.
   */
  readonly retryFailed?: boolean | undefined
  /** Written into the records of every target. */
  readonly reason?: string | undefined
  /** Called with what happens, in order. */
  readonly onEvent?: ((event: FleetEvent) => void) | undefined
  /** Called with what happens in the run of one target, in order; the runs of several targets are mixed. */
  readonly onRunEvent?: ((target: string, event: RunEvent) => void) | undefined
}

/** What `down` takes. */
export interface RollbackRolloutOptions extends RolloutOptions {
  /** Default: one step. */
  readonly rollback?: RollbackRequest | undefined
  /** By the name of the target: exactly this is executed there, and a target without one is left alone. */
  readonly plans?: ReadonlyMap<string, SavedPlan> | undefined
}

/** What the targets remember. */
export interface FleetHistory {
  readonly rollouts: readonly Rollout[]
  /** The targets that cannot be read. */
  readonly failed: readonly FailedTarget[]
}

/** One folder of migrations for many targets; made by {@link createFleet}. */
export interface Fleet {
  /** Reads the targets and checks each; connects to none of them. */
  targets(options?: FleetReadOptions): Promise<readonly ParsedTarget[]>
  /** Says how each target is. Reads only. */
  status(options?: FleetReadOptions): Promise<readonly TargetStatus[]>
  /** Plans what `up`, or a rollback, would do for each target. Reads only. */
  plan(options?: FleetPlanOptions): Promise<readonly TargetPlan[]>
  /** Applies what is pending, wave after wave. A target that fails is in the result, and is not thrown. */
  up(options?: RolloutOptions): Promise<RolloutResult>
  /** Rolls back, wave after wave. */
  down(options?: RollbackRolloutOptions): Promise<RolloutResult>
  /** Lists rollouts, the newest first, from the records of the targets. Reads only. */
  history(options?: FleetReadOptions): Promise<FleetHistory>
  /** The queue, where the options name one: workers, and the rollouts in it. Else its methods throw TM7073. */
  readonly queue: FleetQueue
}

/**
 * Makes a fleet: one folder of migrations for many databases and schemas. Each call reads the files and the
 * targets once; connections to one database are used for all its schemas. Each target has its own records and its
 * own run lock, and all that is promised of a run holds for each.
 *
 * @throws TidemarkError TM7002, TM7003 for the options; its methods TM1xxx, TM2xxx for files, TM7071, TM7072 for
 *   targets.
 * @example
 * const targets = [{ name: 'acme', database: 'postgres://app@localhost/shop', schema: 'acme' }]
 * const fleet = createFleet({ migrations: 'migrations', targets })
 * const { outcomes } = await fleet.up({ only: ['acme'] })
 */
export function createFleet(options: FleetOptions): Fleet {
  checkFleetOptions(options)
  const status = async (choice: FleetReadOptions = {}): Promise<readonly TargetStatus[]> => {
    await refuseWrongFiles(openFiles(options), options)
    return askTargets<TargetStatus>(options, choice, async (runner, name, signal) => ({
      name,
      ...toTargetState(await runner.status({ signal })),
    }))
  }
  const plan = async (choice: FleetPlanOptions = {}): Promise<readonly TargetPlan[]> => {
    const { rollback: request } = choice
    // Rolling back needs no files.
    if (request === undefined) await refuseWrongFiles(openFiles(options), options)
    return askTargets<TargetPlan>(options, choice, async (runner, name, signal) => {
      const { plan, target } = await (request === undefined
        ? runner.runMigrations({ dryRun: true, signal })
        : runner.rollBack({ request, dryRun: true, signal }))
      return { kind: 'planned', name, plan, target }
    })
  }
  // What workers do was planned before.
  const plansOf = async (choice: RollbackRolloutOptions) =>
    new Map(
      (await plan({ ...choice, rollback: choice.rollback ?? ONE_STEP })).flatMap((one) =>
        one.kind === 'failed' || one.plan.steps.length === 0 || isRefused(one.plan)
          ? []
          : [[one.name, savePlan(one.plan, one.target)] as const],
      ),
    )
  return {
    status,
    plan,
    queue: openFleetQueue(options),
    targets: (choice = {}) => readChosen(options, choice),
    up: async (choice = {}) => {
      await refuseWrongFiles(openFiles(options), options)
      const run: RolloutTask['run'] = (runner, execution) => runner.runMigrations(execution)
      return rollOut(options, { direction: 'up', choice, run, only: await failedOnly(choice, status) })
    },
    down: async (choice = {}) => {
      const { rollback: request, plans } = choice
      const run: RolloutTask['run'] = (runner, execution, name) =>
        runner.rollBack({ ...execution, request, plan: plans?.get(name) })
      const failed = await failedOnly(choice, status)
      const shown = plans ?? (options.queue === undefined ? undefined : await plansOf(choice))
      const only = (name: string) => shown?.has(name) !== false && failed(name)
      return rollOut(options, {
        direction: 'down',
        choice,
        run,
        only,
        plans: shown,
        request: request ?? ONE_STEP,
      })
    },
    async history(choice = {}) {
      const asked = await askTargets<TargetAttempts & { readonly kind: 'read' }>(
        options,
        choice,
        async (runner, name, signal) => ({
          kind: 'read',
          name,
          attempts: (await runner.history({ signal })).attempts,
        }),
      )
      return {
        rollouts: listRollouts(asked.filter((one) => one.kind === 'read')),
        failed: asked.filter((one) => one.kind === 'failed'),
      }
    },
  }
}

const ONE_STEP: RollbackRequest = { kind: 'steps', count: 1 }

/** Which targets `retryFailed` leaves. */
async function failedOnly(
  choice: RolloutOptions,
  status: Fleet['status'],
): Promise<(name: string) => boolean> {
  if (choice.retryFailed !== true) return () => true
  const statuses = await status(choice)
  const failed = statuses.filter((one) => one.kind === 'failed' || one.failed.length > 0)
  const names = new Set(failed.map(({ name }) => name))
  return (name) => names.has(name)
}

function executionOf(
  { backup }: FleetOptions,
  { signal, reason, onRunEvent }: RolloutOptions,
  name: string,
): ExecutionOptions {
  const onEvent = onRunEvent && ((event: RunEvent) => onRunEvent(name, event))
  return { signal, reason, onEvent, backup: backup === 'destructive' }
}

interface RolloutTask {
  readonly direction: RolloutResult['direction']
  readonly choice: RolloutOptions
  readonly only: (name: string) => boolean
  readonly run: (runner: MigrationRunner, execution: ExecutionOptions, name: string) => Promise<RunResult>
  /** For workers, which have nothing else of a rollback. */
  readonly plans?: ReadonlyMap<string, SavedPlan> | undefined
  readonly request?: RollbackRequest | undefined
}

async function rollOut(
  options: FleetOptions,
  { direction, choice, only, run, plans, request }: RolloutTask,
): Promise<RolloutResult> {
  const startedAt = performance.now()
  const signal = shareSignal(choice.signal)
  const { maxFailures = 0, waves: rules = ['100%'] } = options
  const targets = (await readChosen(options, choice)).filter(({ name }) => only(name))
  const waves = chooseWaves(planWaves(targets, rules), choice.waves ?? [])
  const rolloutId = crypto.randomUUID()
  const observer = await observeRollout(direction, {
    'tidemark.rollout.id': rolloutId,
    'tidemark.rollout.targets': waves.flatMap((wave) => wave.targets).length,
  })
  const onEvent = guardListener('onEvent', choice.onEvent ?? (() => undefined), (message) =>
    process.emitWarning(message, 'TidemarkWarning'),
  )
  const { queue } = options
  const runHere = (migrations = openFiles(options)) =>
    withPool(options, (pool) =>
      runWaves({
        waves,
        ...boundsOf(options),
        allowed: allowedFailures(maxFailures, waves.flatMap((wave) => wave.targets).length),
        pauseMs: durationMs('pause', options.pause, 0),
        signal,
        onEvent,
        run: (one, wave) =>
          observer.runTarget(
            one.name,
            { 'tidemark.rollout.target': one.name, 'tidemark.rollout.wave': wave },
            async () => {
              const runner = openTarget(one, { options, migrations, pool, runId: rolloutId })
              return run(runner, executionOf(options, { ...choice, signal }, one.name), one.name)
            },
          ),
      }),
    )
  const runByWorkers = async (url: string) => {
    const { startRollout } = await import('./queue/start-rollout.ts')
    const { traceparent } = observer
    const task = { id: rolloutId, direction, waves, plans, request, reason: choice.reason, traceparent }
    return startRollout({ ...options, queue: url }, task, { signal, onEvent })
  }
  const ended = await (queue === undefined ? runHere() : runByWorkers(queue))
  observer.end({ 'tidemark.rollout.ended': ended.ended, ...attributesOf(ended.outcomes) })
  return { rolloutId, direction, ...ended, durationMs: performance.now() - startedAt }
}

function attributesOf(outcomes: RolloutResult['outcomes']): Readonly<Record<string, number>> {
  const counts = Object.entries(countOutcomes(outcomes))
  return Object.fromEntries(counts.map(([kind, number]) => [`tidemark.rollout.${kind}`, number]))
}
