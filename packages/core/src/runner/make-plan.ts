import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import { buildGraph } from '../graph/build-graph.ts'
import type { MigrationGraph } from '../graph/migration-graph.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import { type PlanApplyInput, planApply } from '../plan/apply/plan-apply.ts'
import { withApplications } from '../plan/history/application.ts'
import type { History, StoredMigration } from '../plan/history/history.ts'
import { indexHistory } from '../plan/history/history-index.ts'
import { listIdsToLoad } from '../plan/history/ids-to-load.ts'
import type { ApplyOptions } from '../plan/pending/apply-options.ts'
import type { MigrationPlan, RollbackRequest } from '../plan/plan/plan.ts'
import { planBaseline } from '../plan/record/plan-baseline.ts'
import { type PlanMarkInput, planMark } from '../plan/record/plan-mark.ts'
import { type PlanRepairInput, planRepair } from '../plan/record/plan-repair.ts'
import { listRollbackTargets, type PlanRollbackInput, planRollback } from '../plan/rollback/plan-rollback.ts'
import {
  listRoundTripNeeds,
  planRoundTrip,
  type RoundTripRequest,
} from '../plan/round-trip/plan-round-trip.ts'
import type { TrackingStore } from '../ports/tracking-store.ts'
import type { Result } from '../result.ts'
import { sharedGraphs } from './read-once.ts'
import { valueOrRefuse } from './refuse.ts'
import type { RunnerOptions } from './runner-options.ts'

/** Where files come from, and whose they are. */
export type FileSource = Pick<RunnerOptions, 'migrations' | 'environment' | 'variables'>

/** The files, resolved. */
export interface ResolvedFiles {
  /** Without those for other environments. */
  readonly migrations: readonly Migration[]
  readonly graph: MigrationGraph
  /** Warnings and notes on files. */
  readonly notes: readonly Diagnostic[]
  /** Why there are none, where they are wrong and not needed. */
  readonly unread?: Diagnostic
}

/**
 * Reads and resolves the files, before anything is connected. @throws TidemarkError TM1xxx or TM2xxx with all
 * problems.
 */
export async function readAndResolve(
  { migrations: reader, environment, variables }: FileSource,
  signal: AbortSignal | undefined,
): Promise<ResolvedFiles> {
  const { migrations, notes } = valueOrRefuse(await reader.readMigrations(signal))
  const shared = sharedGraphs(reader)
  const key = JSON.stringify([environment, variables])
  const graph = shared?.get(key) ?? valueOrRefuse(buildGraph(migrations, { environment, variables }))
  shared?.set(key, graph)
  const apart = new Set(graph.elsewhere)
  return { migrations: migrations.filter((migration) => !apart.has(migration)), notes, graph }
}

/**
 * Reads the files as {@link readAndResolve} does, for what is done with stored SQL alone: where there is no
 * folder, or where files are wrong, there are no files.
 */
export async function readWhereThere(
  source: FileSource,
  signal: AbortSignal | undefined,
): Promise<ResolvedFiles> {
  try {
    return await readAndResolve(source, signal)
  } catch (error) {
    if (!(error instanceof TidemarkError) || !/^TM(?:1|2|702[0-2])/.test(error.code)) throw error
    const none = {
      migrations: [],
      notes: [],
      graph: valueOrRefuse(buildGraph([], { environment: source.environment, variables: source.variables })),
    }
    return error.code === 'TM7020' ? none : { ...none, unread: describeUnread(error) }
  }
}

/** A note with the code of the first thing that is wrong. */
function describeUnread({ code, message, diagnostics = [] }: TidemarkError): Diagnostic {
  const { source, span } = diagnostics.find(({ severity }) => severity === 'error') ?? {}
  return {
    code,
    severity: 'note',
    message: `the files were not read: ${message}`,
    ...(source === undefined ? {} : { source }),
    ...(span === undefined ? {} : { span }),
    help: 'the stored SQL is used, which needs no files; to see what is wrong with them: tidemark validate',
  }
}

/** Makes a plan from a history; reads stored texts where the plan needs them. */
export type Planner = (history: History, store: TrackingStore) => Promise<MigrationPlan>

/**
 * Plans what to apply, after reading the stored texts that planning needs: usually none.
 *
 * @returns what `planApply` does.
 * @example const plan = await planFromStore(store, { graph, history })
 */
export async function planFromStore(
  store: Pick<TrackingStore, 'readStored'> & Partial<Pick<TrackingStore, 'listAttempts'>>,
  input: Omit<PlanApplyInput, 'stored'>,
): Promise<Result<MigrationPlan, readonly Diagnostic[]>> {
  const ids = listIdsToLoad(input)
  if (ids.length === 0) return planApply({ ...input, stored: new Map() })
  // A changed file may name what was applied after it: the order is in the attempts.
  const [stored, attempts] = await Promise.all([readStored(store, ids), store.listAttempts?.({})])
  const history = attempts === undefined ? input.history : withApplications(input.history, attempts)
  return planApply({ ...input, history, stored })
}

/** A planner of what to apply. */
export function applyPlanner({ graph, notes }: ResolvedFiles, options: ApplyOptions): Planner {
  return async (history, store) => {
    const plan = valueOrRefuse(await planFromStore(store, { graph, history, options }))
    return { ...plan, findings: [...notesToSay(notes, plan), ...plan.findings] }
  }
}

/** A note on a file is said when it is applied, not at every run; `validate` lists all of them. */
function notesToSay(notes: readonly Diagnostic[], { steps }: MigrationPlan): readonly Diagnostic[] {
  const applied = new Set(
    steps.flatMap((step) => (step.kind === 'apply' ? [step.migration.source.path] : [])),
  )
  return notes.filter(
    ({ severity, source }) => severity !== 'note' || (source !== undefined && applied.has(source.path)),
  )
}

async function readStored(
  store: Pick<TrackingStore, 'readStored'>,
  ids: readonly MigrationId[],
): Promise<ReadonlyMap<MigrationId, StoredMigration>> {
  return ids.length === 0 ? new Map() : store.readStored(ids)
}

/** A planner of what to roll back. */
export function rollbackPlanner(
  { graph, unread }: ResolvedFiles,
  asked: Pick<PlanRollbackInput, 'request' | 'source' | 'beyondBaseline'>,
): Planner {
  return async (history, store) => {
    const input = { graph, history, ...asked, ...(await readRuns(store, asked.request)) }
    const targets = valueOrRefuse(listRollbackTargets(input))
    const { states } = indexHistory(history)
    const isNeeded = (id: MigrationId) =>
      asked.source !== 'files' || states.get(id)?.kind === 'half_rolled_back'
    const stored = await readStored(store, targets.filter(isNeeded))
    const plan = valueOrRefuse(planRollback({ ...input, stored }))
    return unread === undefined ? plan : { ...plan, findings: [unread, ...plan.findings] }
  }
}

/** What a rollback is chosen by; whether a run had nothing to do matters to `last` alone. */
async function readRuns(
  store: TrackingStore,
  request?: RollbackRequest,
): Promise<Pick<PlanRollbackInput, 'attempts' | 'idle'>> {
  const isLast = request?.kind === 'run' && request.runId === 'last'
  const [attempts, idle] = await Promise.all([
    store.listAttempts({}),
    isLast ? store.readIdleRun() : Promise.resolve(null),
  ])
  return { attempts, idle }
}

/** A planner of what rolls back and then applies. */
export function roundTripPlanner({ graph }: ResolvedFiles, request: RoundTripRequest): Planner {
  return async (history, store) => {
    const input = { graph, history, request, ...(await readRuns(store)) }
    const stored = await readStored(store, valueOrRefuse(listRoundTripNeeds(input)))
    return valueOrRefuse(planRoundTrip({ ...input, stored }))
  }
}

/** A planner of what to record as applied, or as not applied, without executing it. */
export function markPlanner({ graph }: ResolvedFiles, mark: Pick<PlanMarkInput, 'ids' | 'as'>): Planner {
  return async (history) => valueOrRefuse(planMark({ graph, history, ...mark }))
}

/** A planner of the set that an existing database is to count as applied. */
export function baselinePlanner({ graph }: ResolvedFiles, through: readonly MigrationId[]): Planner {
  return async (history) => valueOrRefuse(planBaseline({ graph, history, through }))
}

/** A planner of which files to store as they are now. */
export function repairPlanner(
  { graph }: ResolvedFiles,
  { ids, adopt }: Pick<PlanRepairInput, 'ids' | 'adopt'>,
): Planner {
  return async (history, store) => {
    const needed = listIdsToLoad({ graph, history })
    const [stored, attempts] = await Promise.all([readStored(store, needed), store.listAttempts({})])
    const known = withApplications(history, attempts)
    return valueOrRefuse(planRepair({ graph, history: known, stored, ids, adopt }))
  }
}
