import {
  buildGraph,
  listDescendants,
  type Migration,
  type MigrationGraph,
  type MigrationId,
  refusedError,
  TidemarkError,
  type VariableValues,
} from '@tidemark/core'
import type { LinterOptions } from '@tidemark/lint'
import { interruptible } from '../../port/interruptible.ts'
import type { Shadow } from '../../port/shadow.ts'
import { bindForShadow } from '../../prefix/for-shadow.ts'
import { checkInPlanOrder, type InPlanOrder } from '../check-in-plan-order.ts'
import type { CheckReport } from '../report/check-report.ts'
import { listFindings } from '../report/list-findings.ts'
import { tryInTransaction } from './try-in-transaction.ts'

/** Checks again and again while files change, on a shadow that stays open in between. */
export interface WarmCheck {
  /** Opens the shadow of everything but these, before it is needed. */
  prepare(migrations: readonly Migration[], ids: readonly MigrationId[], signal: AbortSignal): Promise<void>
  /**
   * Runs some migrations on what comes before them, and gives what they do: the parts `runs`, `statements` and
   * `lint` of a report.
   *
   * @throws TidemarkError for a graph that is wrong, and where no shadow starts; the reason of the signal.
   */
  check(
    migrations: readonly Migration[],
    ids: readonly MigrationId[],
    signal: AbortSignal,
  ): Promise<CheckReport>
  close(): Promise<void>
}

/** Options of {@link createWarmCheck}. */
export interface WarmCheckOptions {
  readonly open: (migrations: readonly Migration[], signal: AbortSignal) => Promise<Shadow>
  readonly variables?: VariableValues | undefined
  readonly lint?: LinterOptions | undefined
}

/** Files that were saved lately are saved again soon: the shadow stays without so many of them. */
const RECENT = 8
const PARTS = ['runs', 'statements', 'lint'] as const

/** Opens what the signal of one check may end only while it is opened: it stays for the next check. */
async function openFor(
  signal: AbortSignal,
  open: (opening: AbortSignal) => Promise<Shadow>,
): Promise<Shadow> {
  signal.throwIfAborted()
  const opening = new AbortController()
  const end = () => opening.abort(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await open(opening.signal)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** Makes a check whose shadow is opened when it is first needed. Only one check may run at a time. */
export function createWarmCheck(options: WarmCheckOptions): WarmCheck {
  let held: Shadow | undefined
  let recent: readonly MigrationId[] = []

  async function drop(): Promise<void> {
    const dropped = held
    held = undefined
    await dropped?.close().catch(() => undefined)
  }

  /** Gives a shadow that has what is neither saved lately nor behind that; what fails in it is left out, too. */
  async function hold(graph: MigrationGraph, signal: AbortSignal): Promise<Shadow> {
    for (const left = new Set(recent); ; ) {
      const without = new Set([
        ...left,
        ...listDescendants(
          graph,
          [...left].filter((id) => graph.indexes.has(id)),
        ).map(({ migration }) => migration.id),
      ])
      const wanted = graph.nodes.flatMap(({ migration }) => (without.has(migration.id) ? [] : [migration]))
      const checksums = new Map(wanted.map(({ id, checksum }) => [id, checksum]))
      const hasOthers = held?.applied.some(({ id, checksum }) => checksums.get(id) !== checksum) ?? false
      if (hasOthers) await drop()
      try {
        held ??= await openFor(signal, (opening) => options.open(wanted, opening))
        await held.apply(wanted, signal)
        return held
      } catch (error) {
        signal.throwIfAborted()
        const id = error instanceof TidemarkError ? error.details['migration'] : undefined
        if (typeof id !== 'string' || left.has(id)) throw error
        left.add(id)
      }
    }
  }

  async function run(
    graph: MigrationGraph,
    asked: ReadonlySet<number>,
    signal: AbortSignal,
  ): Promise<InPlanOrder> {
    const shadow = await hold(graph, signal)
    const has = new Set([...shadow.applied, ...shadow.notChecked].map(idOf))
    const later = graph.nodes.filter(({ migration }) => !has.has(migration.id))
    if (shadow.engine === 'pglite') {
      const tried = await tryInTransaction(interruptible(shadow, signal), {
        later,
        asked,
        lint: options.lint,
      })
      signal.throwIfAborted()
      if (tried !== undefined) return tried
    }
    const copy = interruptible(await shadow.fork(), signal)
    return checkInPlanOrder({
      graph,
      asked,
      parts: PARTS,
      lint: options.lint,
      signal,
      open: async (rest) => {
        await copy.apply(rest.filter(({ id }) => !has.has(id)))
        return copy
      },
    })
  }

  const build = (migrations: readonly Migration[]): MigrationGraph => {
    const built = buildGraph(
      migrations.map((one) => bindForShadow(one, options.variables)),
      { elsewhere: 'included' },
    )
    if (!built.ok) throw refusedError(built.error)
    return built.value
  }

  const remember = (ids: readonly MigrationId[]): void => {
    const most = Math.max(RECENT, ids.length)
    recent = [...new Set([...ids, ...recent])].slice(0, most)
  }

  return {
    async prepare(migrations, ids, signal) {
      remember(ids)
      await hold(build(migrations), signal)
    },
    async check(migrations, ids, signal) {
      const graph = build(migrations)
      remember(ids)
      const asked = new Set(ids.flatMap((id) => graph.indexes.get(id) ?? []))
      try {
        return toReport(graph, asked, await run(graph, asked, signal))
      } catch (error) {
        // A statement that was interrupted on PGlite took the database with it.
        await drop()
        signal.throwIfAborted()
        throw error
      }
    },
    close: drop,
  }
}

function toReport(graph: MigrationGraph, asked: ReadonlySet<number>, run: InPlanOrder): CheckReport {
  const ids = graph.nodes.map(({ migration }) => migration.id)
  return {
    cached: false,
    shadow: { engine: run.shadow.engine, serverVersion: run.shadow.serverVersion },
    checked: ids.filter((_, index) => asked.has(index)),
    parts: PARTS,
    findings: listFindings({ ids, order: null, closure: null, ...run }),
    gaps: run.gaps,
    order: null,
    closure: null,
    reversibility: null,
    statements: run.statements,
  }
}

function idOf(one: { readonly id: MigrationId } | { readonly migrationId: MigrationId }): MigrationId {
  return 'id' in one ? one.id : one.migrationId
}
