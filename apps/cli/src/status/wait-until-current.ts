import { setTimeout } from 'node:timers/promises'
import {
  type Diagnostic,
  type MigrationId,
  type MigrationState,
  type PlanTarget,
  TidemarkError,
} from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { type Project, readProject } from '../project/read-project.ts'
import { judgeProject, type ProjectState, withReader } from './read-state.ts'
import { isChangeFinding } from './status-exit-code.ts'

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
  /** Applied files have changed, so that a run is refused: waiting does not change that. */
  | { readonly kind: 'drifted'; readonly target: PlanTarget; readonly findings: readonly Diagnostic[] }
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

// What may be otherwise a moment later: no connection, the connection cut, the embedded database in use, a new
// tenant whose schema was not created yet.
const PASSING = new Set(['TM5001', 'TM5007', 'TM5030', 'TM7041'])
const SHORTEST_MS = 250
const LONGEST_MS = 2_000

/**
 * Looks again and again, each time over a connection of its own that only reads, until everything is applied
 * or the time is up. It looks at once, and a last time at the limit. A database that is ahead of the files is
 * current, as for a gate; a change that refuses a run ends the waiting at once.
 *
 * @throws {TidemarkError} for wrong files and settings, for what waiting does not change, and TM5008 when it
 * was interrupted.
 */
export async function waitUntilCurrent(
  settings: DatabaseSettings,
  options: WaitOptions,
): Promise<WaitResult> {
  const project = await readProject(settings)
  const startedAt = performance.now()
  let delayMs = SHORTEST_MS
  for (;;) {
    const last = await observe(settings, project, options)
    const waitedMs = Math.round(performance.now() - startedAt)
    const leftMs = options.timeoutMs === 0 ? Number.POSITIVE_INFINITY : options.timeoutMs - waitedMs
    if (last.kind === 'current' || last.kind === 'drifted' || leftMs <= 0) return { last, waitedMs }
    options.onObservation(last)
    await pause(Math.min(leftMs, delayMs * (0.75 + Math.random() / 2)), options.signal)
    delayMs = Math.min(LONGEST_MS, delayMs * 1.5)
  }
}

async function observe(
  settings: DatabaseSettings,
  project: Project,
  { extent, signal, timeoutMs }: WaitOptions,
): Promise<WaitObservation> {
  const connectTimeoutMs = boundConnecting(settings.connectTimeoutMs, timeoutMs)
  try {
    return await withReader({ ...settings, connectTimeoutMs }, signal, async (session) =>
      judge(await judgeProject(session, project, {}), extent),
    )
  } catch (error) {
    if (error instanceof TidemarkError && PASSING.has(error.code)) return { kind: 'unreachable', error }
    throw error
  }
}

function judge(
  { project, target, states, plan }: ProjectState,
  extent: WaitOptions['extent'],
): WaitObservation {
  const changes = plan.findings.filter((finding) => isChangeFinding(finding, 'error'))
  if (changes.length > 0) return { kind: 'drifted', target, findings: changes }
  const pending = project.graph.nodes.flatMap(({ migration: { id, header } }) =>
    (extent === 'all' || header.blocking) && isDue(states.get(id)) ? [id] : [],
  )
  if (pending.length === 0) return { kind: 'current', target }
  return {
    kind: 'behind',
    target,
    pending,
    failed: pending.filter((id) => states.get(id)?.kind === 'failed'),
  }
}

function isDue(state: MigrationState | undefined): boolean {
  return state === undefined || DUE.has(state.kind)
}

const DUE: ReadonlySet<string> = new Set(['pending', 'failed', 'running', 'half_rolled_back'])

// A host that does not answer must not hold the command far beyond its limit; one that does must have the
// time to.
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
