import { type Branches, describeBranches } from '../graph/describe-branches.ts'
import { listHeads } from '../graph/heads.ts'
import type { ApplyOptions } from '../plan/pending/apply-options.ts'
import { classify } from '../plan/pending/classify.ts'
import { listPending } from '../plan/pending/list-pending.ts'
import { requestedOf } from '../plan/pending/requested-of.ts'
import { bindVerify } from '../plan/plan/bind-step.ts'
import type { CrossBaseline, MigrationPlan, RollbackRequest } from '../plan/plan/plan.ts'
import { crossed } from '../plan/rollback/plan-rollback.ts'
import { summarizePlan } from '../plan/summary/summarize-plan.ts'
import { chooseVerified } from '../plan/verify/choose-verified.ts'
import type { ReadingSession, VerifyOutcome } from '../ports/migration-session.ts'
import type { AttemptFilter } from '../ports/tracking-store.ts'
import { executeRun } from './execute-run.ts'
import {
  applyPlanner,
  baselinePlanner,
  markPlanner,
  type Planner,
  type ResolvedFiles,
  readAndResolve,
  readWhereThere,
  repairPlanner,
  rollbackPlanner,
  roundTripPlanner,
} from './make-plan.ts'
import { refuseUnlessSame, valueOrRefuse } from './refuse.ts'
import type {
  BaselineOptions,
  ExecutionOptions,
  HistoryReport,
  MarkOptions,
  PlanOptions,
  RedoOptions,
  RepairOptions,
  RollbackOptions,
  RoundTripOptions,
  RunAction,
  RunnerOptions,
  RunOptions,
  RunResult,
  StatusReport,
  VerifyOptions,
  VerifyReport,
} from './runner-options.ts'
import { softenUnstorable, withUnstorable } from './with-unstorable.ts'

/** Files that are read in less are not worth it; by then the reader has set its own threads to work. */
const LOAD_AFTER_MS = 10

/**
 * Plans and runs migrations over the ports; made by `createMigrationRunner` of an engine. Each call reads the
 * files anew and uses connections of its own, so a runner holds nothing that has to be closed.
 *
 * @example for (const id of (await runner.runMigrations()).done) console.log(id)
 */
export class MigrationRunner {
  readonly #options: RunnerOptions

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /**
   * Plans what `runMigrations` with the same options would do. Reads only: no lock, no write, also on a
   * replica (I9, I10).
   *
   * @throws TidemarkError TM1xxx, TM2xxx for files and options, TM3xxx, TM5001.
   * @example
   * const plan = await runner.createMigrationPlan({ target: '003_posts' })
   * for (const step of plan.steps) console.log(step.kind, step.id)
   */
  async createMigrationPlan(options: PlanOptions = {}): Promise<MigrationPlan> {
    const files = await this.#read(options.signal)
    return this.#reading(options.signal, (session) => planFrom(session, applyPlanner(files, options)))
  }

  /**
   * Applies what is pending, each migration exactly once however many runners start (I1), and says `done`
   * only when nothing that should be applied is pending (I3).
   *
   * @throws TidemarkError the code of what refused or failed; `details.applied` names what was applied
   *   before.
   * @example
   * const { done } = await runner.runMigrations({ onEvent: (event) => console.error(event.kind) })
   */
  async runMigrations(options: RunOptions = {}): Promise<RunResult> {
    return this.#run('apply', options, (files) => applyPlanner(files, requestedOf(options.plan, options)))
  }

  /**
   * Rolls applied migrations back: one step, unless `request` says otherwise. All targets are checked before
   * the first runs.
   *
   * @throws TidemarkError TM6xxx when it is refused, TM5xxx when a step failed.
   * @example await runner.rollBack({ request: { kind: 'to', id: '003_posts' } })
   */
  async rollBack(options: RollbackOptions = {}): Promise<RunResult> {
    const saved = options.plan?.request
    const asked = saved?.action === 'roll_back' ? { ...saved, request: saved.rollback } : options
    const { request = { kind: 'steps', count: 1 }, source = 'stored' } = asked
    const crossing = crossed(requireNames(asked, options))
    const planner = (files: ResolvedFiles) => rollbackPlanner(files, { request, source, ...crossing })
    return this.#run('roll_back', options, planner, {
      read: source === 'files' ? readAndResolve : readWhereThere,
    })
  }

  /**
   * Rolls a migration back, from the SQL that was stored, and applies its file: the latest, unless `id` names
   * one. Everything is checked before the rollback begins, also whether it could be applied again.
   *
   * @throws TidemarkError TM6xxx when rolling back is refused, TM4002 without a file, TM5xxx when a step
   *   failed.
   * @example await runner.redo({ id: '003_posts' })
   */
  async redo(options: RedoOptions = {}): Promise<RunResult> {
    const { id, cascade = false, withHooks = false } = options
    const crossing = crossed(requireNames(options, options))
    const dependents = cascade ? 'cascade' : 'refuse'
    const rollback: RollbackRequest =
      id === undefined ? { kind: 'steps', count: 1 } : { kind: 'target', id, dependents }
    return this.#run(
      'redo',
      options,
      (files) => roundTripPlanner(files, { action: 'redo', rollback, ...crossing }),
      { callsHooks: withHooks },
    )
  }

  /**
   * Rolls everything back and applies everything: for development. Refused as a whole when one migration is
   * irreversible.
   */
  async reset(options: RoundTripOptions = {}): Promise<RunResult> {
    const request = { action: 'reset', ...crossed(requireNames(options, options)) } as const
    return this.#run('reset', options, (files) => roundTripPlanner(files, request))
  }

  /**
   * Makes the database follow the files: rolls back what is applied and has no file any more, from the SQL
   * that was stored, with what depends on it, and applies what is pending. Refused as a whole when one of
   * them is irreversible.
   *
   * @example await runner.switchToFiles({ dryRun: true }) // after a git checkout
   */
  async switchToFiles(options: RoundTripOptions = {}): Promise<RunResult> {
    const request = { action: 'switch', ...crossed(requireNames(options, options)) } as const
    return this.#run('switch', options, (files) => roundTripPlanner(files, request))
  }

  /**
   * Records migrations as applied or as not applied after something was done by hand. Executes nothing.
   *
   * @throws TidemarkError TM2007 for an unknown id, TM7014 for what is marked so already.
   * @example await runner.mark({ ids: ['007_fix'], as: 'completed', reason: 'applied by hand during the incident' })
   */
  async mark(options: MarkOptions): Promise<RunResult> {
    const { ids, as } = options
    const read = as === 'completed' ? readAndResolve : readWhereThere
    return this.#run('mark', options, (files) => markPlanner(files, { ids, as }), { read })
  }

  /**
   * Adopts an existing database: records the named migrations and all they need as applied. Executes nothing,
   * and objects that exist are no reason to refuse.
   *
   * @throws TidemarkError TM2007 for an unknown id.
   * @example await runner.baseline({ through: ['040_add_phone'] })
   */
  async baseline(options: BaselineOptions): Promise<RunResult> {
    return this.#run('baseline', options, (files) => baselinePlanner(files, options.through))
  }

  /**
   * Lists in what applied migrations and files differ (the plan's findings) and stores the files as they are
   * now: those whose difference changes nothing that ran, or those that `ids` names. Executes nothing.
   *
   * @throws TidemarkError TM7015 where nothing differs, TM4001 where `adopt` is needed.
   * @example (await runner.repair({ dryRun: true })).plan.findings
   */
  async repair(options: RepairOptions = {}): Promise<RunResult> {
    const { ids = [], adopt = false } = options
    return this.#run('repair', options, (files) => repairPlanner(files, { ids, adopt }))
  }

  /**
   * Runs the `@verify` of applied migrations again, as it was stored, read-only, and goes on after one that
   * does not hold.
   *
   * @throws TidemarkError TM2007 for an unknown id, TM6003 for one that is not applied.
   * @example (await runner.verify()).outcomes.filter(({ kind }) => kind === 'failed')
   */
  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    const files = await this.#read(options.signal, readWhereThere)
    return this.#reading(options.signal, async (session) => {
      const history = await session.store.readHistory()
      const ids = valueOrRefuse(chooseVerified({ graph: files.graph, history, ids: options.ids }))
      const stored = await session.store.readStored(ids)
      const outcomes: VerifyOutcome[] = []
      const standing = ids
        .flatMap((id) => stored.get(id)?.inForce ?? stored.get(id) ?? [])
        .map((one) => bindVerify(one, files.graph.variables))
      for await (const outcome of session.verify(standing)) {
        outcomes.push(outcome)
      }
      return { target: session.target, outcomes }
    })
  }

  /**
   * Lists attempts, newest first: when, how long, by whom, why, and what went wrong.
   *
   * @example (await runner.history({ id: '003_posts', limit: 10 })).attempts
   */
  async history(
    filter: AttemptFilter & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<HistoryReport> {
    return this.#reading(filter.signal, async (session) => ({
      target: session.target,
      attempts: await session.store.listAttempts(filter),
    }))
  }

  /**
   * Tells the heads, where they part, what each side brings, and which objects two sides touch. Reads the
   * files alone.
   */
  async listBranches(options: { readonly signal?: AbortSignal } = {}): Promise<Branches> {
    return describeBranches((await readAndResolve(this.#options, options.signal)).graph)
  }

  /**
   * Gives the state of every migration. Reads only.
   *
   * @example (await runner.status()).pending.length === 0 // current
   */
  async status(
    options: { readonly signal?: AbortSignal | undefined; readonly strict?: boolean } = {},
  ): Promise<StatusReport> {
    const files = await this.#read(options.signal)
    return this.#reading(options.signal, async (session) => {
      const history = await session.store.readHistory()
      const apply: ApplyOptions = { strict: options.strict }
      const plan = await withUnstorable(session, await applyPlanner(files, apply)(history, session.store))
      const { graph } = files
      return {
        target: session.target,
        serverVersion: session.serverVersion,
        isTracked: history.kind === 'present',
        states: classify({ graph, history }),
        pending: listPending({ graph, history }).map((migration) => migration.id),
        heads: listHeads(graph),
        findings: plan.findings,
      }
    })
  }

  /** Reads the files for what connects next, if they are right; meanwhile what connecting needs is loaded. */
  async #read(signal: AbortSignal | undefined, read = readAndResolve): Promise<ResolvedFiles> {
    const { database } = this.#options
    const loading = setTimeout(() => void database.load?.(), LOAD_AFTER_MS)
    try {
      return await read(this.#options, signal)
    } finally {
      clearTimeout(loading)
    }
  }

  async #run(
    action: RunAction,
    options: ExecutionOptions,
    plannerOf: (files: ResolvedFiles) => Planner,
    { read = readAndResolve, callsHooks = action === 'apply' }: RunSetup = {},
  ): Promise<RunResult> {
    const files = await this.#read(options.signal, read)
    const planner = plannerOf(files)
    if (options.dryRun !== true)
      return executeRun(this.#options, { action, files, planner, callsHooks }, options)
    const startedAt = performance.now()
    return this.#reading(options.signal, async (session) => {
      const plan = await plannedLike(options, session, planner)
      return {
        outcome: 'dry_run',
        runId: this.#options.newRunId(),
        target: session.target,
        serverVersion: session.serverVersion,
        plan,
        done: [],
        durationMs: performance.now() - startedAt,
        ...(await estimateLoss(session, plan)),
      }
    })
  }

  async #reading<T>(
    signal: AbortSignal | undefined,
    use: (session: ReadingSession) => Promise<T>,
  ): Promise<T> {
    const session = await this.#options.database.openReader(signal)
    try {
      return await use(session)
    } finally {
      await session.close()
    }
  }
}

interface RunSetup {
  readonly read?: typeof readAndResolve
  /** Default: only for `runMigrations`. */
  readonly callsHooks?: boolean
}

/** A dry run of a saved plan refuses what a run of it would, and no more. */
async function plannedLike(
  { plan: saved, anyTarget = false, keepGoing = false }: ExecutionOptions,
  session: ReadingSession,
  planner: Planner,
): Promise<MigrationPlan> {
  const plan = await planFrom(session, planner)
  refuseUnlessSame(saved, { plan, target: session.target, targets: anyTarget ? 'any' : 'same' })
  return keepGoing ? softenUnstorable(plan) : plan
}

/** What a rollback takes away, in rows: an estimate that cannot be had refuses nothing. */
async function estimateLoss(
  session: ReadingSession,
  plan: MigrationPlan,
): Promise<Pick<RunResult, 'estimatedRows'>> {
  const steps = plan.steps.filter(({ kind }) => kind === 'roll_back')
  const relations = summarizePlan({ steps }).steps.flatMap(({ remarks }) =>
    remarks.flatMap((remark) => remark.relations ?? []),
  )
  if (relations.length === 0) return {}
  const estimatedRows = await session.estimateRows?.(relations).catch(() => undefined)
  return estimatedRows === undefined ? {} : { estimatedRows }
}

async function planFrom(session: ReadingSession, planner: Planner): Promise<MigrationPlan> {
  return withUnstorable(session, await planner(await session.store.readHistory(), session.store))
}

/** `any` is for looking: what is executed has its names. */
function requireNames(asked: CrossBaseline, { dryRun = false }: ExecutionOptions): CrossBaseline {
  if (asked.beyondBaseline !== 'any' || dryRun) return asked
  throw new TypeError('beyondBaseline: "any" only plans; to execute, name the migrations')
}
