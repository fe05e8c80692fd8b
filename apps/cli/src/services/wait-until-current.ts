import { setTimeout } from 'node:timers/promises'
import {
  classify,
  type MigrationGraph,
  type MigrationId,
  type PlanTarget,
  TidemarkError,
} from '@tidemark/core'
import { readProject } from './read-project.ts'
import { withReader } from './read-state.ts'
import type { DatabaseSettings } from './require-database.ts'

/** What the last look found. */
export type WaitObservation =
  | { readonly kind: 'current'; readonly target: PlanTarget }
  | {
      readonly kind: 'behind'
      readonly target: PlanTarget
      readonly pending: readonly MigrationId[]
      /** Those of the pending ones whose last attempt failed. */
      readonly failed: readonly MigrationId[]
    }
  /** There is no server, no database, or no way in yet. */
  | { readonly kind: 'unreachable'; readonly error: TidemarkError }

/** What {@link waitUntilCurrent} waits for, and how long. */
export interface WaitOptions {
  /** `blocking`: what readiness gates wait for; `all`: long backfills as well. */
  readonly extent: 'blocking' | 'all'
  /** 0 is no limit. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called after each look that found something to wait for. */
  readonly onObservation: (observation: WaitObservation) => void
}

/** How the waiting ended. */
export interface WaitResult {
  readonly last: WaitObservation
  readonly waitedMs: number
}

// What may be otherwise a moment later: no connection, the connection cut, the embedded database in use.
const PASSING = new Set(['TM5001', 'TM5007', 'TM5030'])
const SHORTEST_MS = 250
const LONGEST_MS = 2_000

/**
 * Looks again and again, each time over a connection of its own that only reads, until everything is applied or the time is up. It
 * looks at once, and a last time at the limit. A database that is ahead of the files is current, as for a gate.
 *
 * @throws {TidemarkError} for wrong files and settings, for what waiting does not mend, and TM5008 when it was interrupted.
 */
export async function waitUntilCurrent(
  settings: DatabaseSettings,
  options: WaitOptions,
): Promise<WaitResult> {
  const { graph } = await readProject(settings)
  const startedAt = performance.now()
  let delayMs = SHORTEST_MS
  for (;;) {
    const last = await observe(settings, graph, options)
    const waitedMs = Math.round(performance.now() - startedAt)
    const leftMs = options.timeoutMs === 0 ? Number.POSITIVE_INFINITY : options.timeoutMs - waitedMs
    if (last.kind === 'current' || leftMs <= 0) return { last, waitedMs }
    options.onObservation(last)
    await pause(Math.min(leftMs, delayMs * (0.75 + Math.random() / 2)), options.signal)
    delayMs = Math.min(LONGEST_MS, delayMs * 1.5)
  }
}

async function observe(
  settings: DatabaseSettings,
  graph: MigrationGraph,
  { extent, signal, timeoutMs }: WaitOptions,
): Promise<WaitObservation> {
  const connectTimeoutMs = boundConnecting(settings.connectTimeoutMs, timeoutMs)
  try {
    return await withReader({ ...settings, connectTimeoutMs }, signal, async ({ target, store }) => {
      const states = classify({ graph, history: await store.readHistory() })
      const pending = graph.nodes.flatMap(({ migration }) => {
        const state = states.get(migration.id)
        const counts = extent === 'all' || migration.header.blocking
        return counts && (state === undefined || DUE.has(state.kind)) ? [{ id: migration.id, state }] : []
      })
      if (pending.length === 0) return { kind: 'current', target }
      const failed = pending.filter(({ state }) => state?.kind === 'failed').map(({ id }) => id)
      return { kind: 'behind', target, pending: pending.map(({ id }) => id), failed }
    })
  } catch (error) {
    if (error instanceof TidemarkError && PASSING.has(error.code)) return { kind: 'unreachable', error }
    throw error
  }
}

const DUE: ReadonlySet<string> = new Set(['pending', 'failed', 'running'])

// A host that does not answer must not hold the command far beyond its limit; one that does must have the time to.
function boundConnecting(connectTimeoutMs: number, timeoutMs: number): number {
  if (timeoutMs === 0) return connectTimeoutMs
  const limitMs = Math.max(1_000, timeoutMs)
  return connectTimeoutMs === 0 ? limitMs : Math.min(connectTimeoutMs, limitMs)
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal })
  } catch (cause) {
    throw new TidemarkError({
      code: 'TM5008',
      message: 'interrupted while waiting',
      help: 'nothing was changed; waiting only reads',
      cause,
    })
  }
}
