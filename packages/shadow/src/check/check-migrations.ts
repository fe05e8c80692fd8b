import {
  buildGraph,
  type Migration,
  type MigrationGraph,
  type MigrationId,
  refusedError,
  type VariableValues,
} from '@tidemark/core'
import type { LinterOptions } from '@tidemark/lint'
import { type OpenShadow, openInterruptible, untilAborted } from '../port/interruptible.ts'
import { bindForShadow } from '../prefix/for-shadow.ts'
import { checkInPlanOrder } from './check-in-plan-order.ts'
import { checkClosure } from './closure/check-closure.ts'
import type { ClosureReport } from './closure/closure-report.ts'
import { checkOrder } from './order/check-order.ts'
import type { OrderReport } from './order/order-report.ts'
import { CHECK_PARTS, type CheckGap, type CheckPart, type CheckReport } from './report/check-report.ts'
import { gapsOfRows } from './report/findings-of-reversibility.ts'
import { listFindings } from './report/list-findings.ts'
import type { CheckGround } from './trial/check-ground.ts'
import { narrowGraph } from './trial/trial-graph.ts'
import { openVerdictCache } from './verdicts/verdict-cache.ts'
import { verdictKey } from './verdicts/verdict-key.ts'

/** Options of {@link checkMigrations}. */
export interface CheckOptions {
  /** Every migration of the project. */
  readonly migrations: readonly Migration[]
  /** Which of them to check; the others are taken for right. Default: all. */
  readonly ids?: readonly MigrationId[] | undefined
  /** Default: all of {@link CHECK_PARTS}. */
  readonly parts?: readonly CheckPart[] | undefined
  /** Values of the variables that files declare, as `open` gives them to the shadow. */
  readonly variables?: VariableValues | undefined
  /** Weights of rules, and what is known of the database that the migrations are for. */
  readonly lint?: LinterOptions | undefined
  /** Opens a shadow with some of the migrations; a signal that is given to `openShadow` ends that, too. */
  readonly open: OpenShadow
  /** Called as a part goes on. */
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined
  /** Ends what runs, with its reason. */
  readonly signal?: AbortSignal | undefined
  /** Where reports are kept for the next time. Default: nowhere. */
  readonly cache?: CheckCacheOptions | undefined
}

/** Where reports are kept, and what they rest on besides the migrations. */
export interface CheckCacheOptions {
  readonly folder: string
  /** Names all else that decides what a check finds: `identifyShadow`, the version of the tool, its settings. */
  readonly identity: string
  /** `renew` executes everything again and keeps the new report. Default `use`. */
  readonly mode?: 'use' | 'renew' | undefined
}

/** How far a check has come. */
export interface CheckProgress {
  readonly part: CheckPart
  readonly done: number
  readonly total: number
}

/**
 * Shows by executing them on a shadow what migrations do: that they run, that their order does not matter where
 * the dependencies leave it open, that they name all that they need, what their `@down` gives back, and what
 * each statement locks, rewrites and reads. Nothing is decided by the text alone; what could not be executed is
 * a gap of the report, and never taken for right.
 *
 * With `cache`, the report of an earlier check of exactly this is given again, and no shadow is opened. A report
 * with a gap or with a migration that does not run is not kept: its shadow may have what it lacked the next time.
 *
 * @throws TidemarkError TM2xxx for a graph that is wrong, TM5031 and the like when no shadow starts, and the code
 *   of a run when a migration fails that is not checked.
 * @example
 * const report = await checkMigrations({ migrations, open: (some) => openShadow({ migrations: some }) })
 * for (const { severity, message } of report.findings) console.log(`${severity}: ${message}`)
 */
export async function checkMigrations(options: CheckOptions): Promise<CheckReport> {
  const { migrations, ids, parts = CHECK_PARTS, lint, variables, cache } = options
  if (cache === undefined) return untilAborted(executeCheck(options), options.signal)
  const verdicts = openVerdictCache(cache.folder)
  const key = verdictKey({ identity: cache.identity, migrations, ids, parts, lint, variables })
  const kept = cache.mode === 'renew' ? undefined : await verdicts.find(key)
  if (kept !== undefined) return { ...kept, cached: true }
  const report = await untilAborted(executeCheck(options), options.signal)
  const isWhole = report.gaps.length === 0 && report.findings.every(({ error }) => error === null)
  if (isWhole) await verdicts.keep(key, report)
  return report
}

async function executeCheck(options: CheckOptions): Promise<CheckReport> {
  const { parts = CHECK_PARTS, signal, onProgress } = options
  const open = openInterruptible(options.open, signal)
  const built = buildGraph(options.migrations.map((one) => bindForShadow(one, options.variables)))
  if (!built.ok) throw refusedError(built.error)
  const graph = built.value
  const asked = listAsked(graph, options.ids)
  const run = await checkInPlanOrder({ graph, asked, parts, lint: options.lint, open, signal, onProgress })
  const failed = new Set(run.failed.map(({ migrationId }) => migrationId))
  const unknown = new Set(run.unknown)
  const groundFor = (part: CheckPart, isKept: (id: MigrationId) => boolean): CheckGround => ({
    ...narrow(graph, asked, isKept),
    open,
    trackingSchema: run.shadow.schema,
    signal,
    onProgress: (done, total) => onProgress?.({ part, done, total }),
  })
  // Of what failed, another order may show why; alone on its ancestors it fails for the same reason.
  const order = parts.includes('order')
    ? await checkOrder(groundFor('order', (id) => failed.has(id) || !unknown.has(id)))
    : null
  const closure = parts.includes('closure')
    ? await checkClosure(groundFor('closure', (id) => !unknown.has(id)))
    : null
  const ids = graph.nodes.map(({ migration }) => migration.id)
  return {
    cached: false,
    shadow: { engine: run.shadow.engine, serverVersion: run.shadow.serverVersion },
    checked: ids.filter((_, index) => asked.has(index)),
    parts: CHECK_PARTS.filter((part) => parts.includes(part)),
    findings: listFindings({ ids, order, closure, ...run }),
    gaps: [...run.gaps, ...gapsOf(order, closure), ...run.reversibility.flatMap(gapsOfRows)],
    order,
    closure,
    reversibility: parts.includes('reversibility') ? run.reversibility : null,
    statements: parts.includes('statements') ? run.statements : null,
  }
}

function listAsked(graph: MigrationGraph, ids: readonly MigrationId[] | undefined): ReadonlySet<number> {
  if (ids === undefined) return new Set(graph.nodes.keys())
  return new Set(ids.flatMap((id) => graph.indexes.get(id) ?? []))
}

/** What cannot be executed is left out of the graph; what needs it was not executed either. */
function narrow(
  graph: MigrationGraph,
  asked: ReadonlySet<number>,
  isKept: (id: MigrationId) => boolean,
): Pick<CheckGround, 'graph' | 'checked'> {
  const askedIds = new Set(
    graph.nodes.filter(({ index }) => asked.has(index)).map((node) => node.migration.id),
  )
  const narrowed = narrowGraph(graph, (index) => isKept(graph.nodes[index]?.migration.id ?? ''))
  const checked = narrowed.migrations.flatMap(({ id }, index) => (askedIds.has(id) ? [index] : []))
  return { graph: narrowed, checked: new Set(checked) }
}

function gapsOf(order: OrderReport | null, closure: ClosureReport | null): readonly CheckGap[] {
  const ofOrder = (order?.results ?? []).flatMap(({ pair: [a, b], verdict }): readonly CheckGap[] =>
    verdict.kind === 'not_checked'
      ? [{ part: 'order', migrationId: b, why: `its order with "${a}" is not known: ${verdict.why}` }]
      : [],
  )
  const ofClosure = (closure?.notChecked ?? []).map(
    ({ migrationId, why }): CheckGap => ({ part: 'closure', migrationId, why }),
  )
  return [...ofOrder, ...ofClosure]
}
