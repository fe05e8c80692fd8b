import { listHeads } from '../graph/heads.ts'
import type { ApplyOptions } from '../plan/apply-options.ts'
import { classify } from '../plan/classify.ts'
import { listPending } from '../plan/list-pending.ts'
import type { MigrationPlan } from '../plan/plan.ts'
import type { ReadingSession } from '../ports/migration-session.ts'
import { executeRun } from './execute-run.ts'
import {
  applyPlanner,
  type Planner,
  type ResolvedFiles,
  readAndResolve,
  rollbackPlanner,
} from './make-plan.ts'
import type {
  ExecutionOptions,
  PlanOptions,
  RollbackOptions,
  RunnerOptions,
  RunOptions,
  RunResult,
  StatusReport,
} from './runner-options.ts'

/**
 * Plans and runs migrations over the ports; made by `createMigrationRunner` of an engine. Each call reads the files anew and
 * uses connections of its own, so a runner holds nothing that has to be closed.
 *
 * @example for (const id of (await runner.runMigrations()).done) console.log(id)
 */
export class MigrationRunner {
  readonly #options: RunnerOptions

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /**
   * Plans what `runMigrations` with the same options would do. Reads only: no lock, no write, also on a replica (I9, I10).
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
   * Applies what is pending, each migration exactly once however many runners start (I1), and says `done` only when
   * nothing that should be applied is pending (I3).
   *
   * @throws TidemarkError the code of what refused or failed; `details.applied` names what was applied before.
   * @example
   * const { done } = await runner.runMigrations({ onEvent: (event) => console.error(event.kind) })
   */
  async runMigrations(options: RunOptions = {}): Promise<RunResult> {
    const files = await this.#read(options.signal)
    return this.#run(files, applyPlanner(files, requestedOf(options)), options)
  }

  /**
   * Rolls applied migrations back: one step, unless `request` says otherwise. All targets are checked before the first runs.
   *
   * @throws TidemarkError TM6xxx when it is refused, TM5xxx when a step failed.
   * @example await runner.rollBack({ request: { kind: 'to', id: '003_posts' } })
   */
  async rollBack(options: RollbackOptions = {}): Promise<RunResult> {
    const saved = options.plan?.request
    const asked = saved?.action === 'roll_back' ? { request: saved.rollback, source: saved.source } : options
    const { request = { kind: 'steps', count: 1 }, source = 'stored' } = asked
    const files = await this.#read(options.signal)
    return this.#run(files, rollbackPlanner(files, { request, source }), options)
  }

  /**
   * Tells where every migration stands. Reads only.
   *
   * @example (await runner.status()).pending.length === 0 // current
   */
  async status(
    options: { readonly signal?: AbortSignal; readonly strict?: boolean } = {},
  ): Promise<StatusReport> {
    const files = await this.#read(options.signal)
    return this.#reading(options.signal, async (session) => {
      const history = await session.store.readHistory()
      const apply: ApplyOptions = { strict: options.strict }
      const plan = await applyPlanner(files, apply)(history, session.store)
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

  #read(signal: AbortSignal | undefined): Promise<ResolvedFiles> {
    return readAndResolve(this.#options.migrations, signal)
  }

  async #run(files: ResolvedFiles, planner: Planner, options: ExecutionOptions): Promise<RunResult> {
    if (options.dryRun !== true) return executeRun(this.#options, files, planner, options)
    const startedAt = performance.now()
    return this.#reading(options.signal, async (session) => ({
      outcome: 'dry_run',
      runId: this.#options.newRunId(),
      target: session.target,
      serverVersion: session.serverVersion,
      plan: await planFrom(session, planner),
      done: [],
      durationMs: performance.now() - startedAt,
    }))
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

/** A saved plan is compared with what its own request gives now. */
function requestedOf(options: RunOptions): ApplyOptions {
  const saved = options.plan?.request
  return saved?.action === 'apply' ? { ...saved, strict: options.strict } : options
}

async function planFrom(session: ReadingSession, planner: Planner): Promise<MigrationPlan> {
  return planner(await session.store.readHistory(), session.store)
}
