import { CODES, type DiagnosticCode } from '@tidemark/core'
import type { Pool } from 'pg'
import type { FleetEvent, RolloutResult, TargetOutcome } from '../rollout/outcome.ts'
import { pause } from '../rollout/pause.ts'
import { findQueued, type QueuedRollout } from './rollout-store.ts'
import { listTargets, type QueuedTarget } from './target-store.ts'

/** How often a rollout is looked at. */
const LOOK_MS = 400
/** Looks without anything begun, after which that is said. */
const PATIENCE = 12

/** How a rollout is watched. */
export interface WatchOptions {
  /** Ends the watching; the rollout goes on. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: FleetEvent) => void) | undefined
}

/** Watches a rollout until it is over and all that it began is finished. */
export async function watchQueued(
  queue: Pool,
  rolloutId: string,
  { signal, onEvent = () => undefined }: WatchOptions,
): Promise<RolloutResult> {
  const report = createReport(onEvent)
  for (let look = 0; ; look += 1) {
    const rollout = await findQueued(queue, rolloutId)
    const targets = await listTargets(queue, rolloutId)
    report(rollout, targets)
    const isOpen = rollout.state === 'running' || rollout.state === 'paused'
    const isOver = !isOpen && targets.every(({ isBegun, outcome }) => !isBegun || outcome !== null)
    if (isOver || signal?.aborted === true) {
      const result = resultOf(rollout, targets)
      if (result.ended === 'stopped') {
        const { failed: failures, notBegun } = rollout.counts
        onEvent({ kind: 'stopped', failures, allowed: rollout.allowed, notBegun })
      }
      return result
    }
    if (look === PATIENCE && targets.every(({ isBegun }) => !isBegun))
      onEvent({ kind: 'waiting', direction: rollout.direction })
    await pause(LOOK_MS, signal)
  }
}

/** Says what has changed since the last look. */
function createReport(onEvent: (event: FleetEvent) => void) {
  const begun = new Set<string>()
  const finished = new Set<string>()
  let wave = 0
  let waitsFor = 0
  let isPaused = false
  return (rollout: QueuedRollout & { readonly waveAt: Date }, targets: readonly QueuedTarget[]): void => {
    const { waves } = rollout
    if (isPaused !== (rollout.state === 'paused')) {
      isPaused = !isPaused
      onEvent({ kind: isPaused ? 'paused' : 'resumed' })
    }
    for (const one of targets) {
      if (!one.isBegun || finished.has(one.name)) continue
      while (wave <= one.wave) {
        wave += 1
        const own = targets.filter((other) => other.wave === wave - 1).length
        onEvent({
          kind: 'wave_started',
          wave: waves[wave - 1] ?? '',
          number: wave,
          waves: waves.length,
          targets: own,
        })
      }
      if (!begun.has(one.name))
        onEvent({ kind: 'target_started', name: one.name, wave: waves[one.wave] ?? '' })
      begun.add(one.name)
      if (one.outcome === null) continue
      finished.add(one.name)
      onEvent({ kind: 'target_finished', outcome: outcomeOf(one, waves) })
    }
    const left = rollout.waveAt.getTime() - Date.now()
    if (rollout.state === 'running' && rollout.wave > wave && waitsFor < rollout.wave && left > 0) {
      waitsFor = rollout.wave
      onEvent({ kind: 'pausing', durationMs: left, next: waves[rollout.wave - 1] ?? '' })
    }
  }
}

function resultOf(
  { rolloutId, direction, state, waves, startedAt, endedAt }: QueuedRollout,
  targets: readonly QueuedTarget[],
): RolloutResult {
  return {
    rolloutId,
    direction,
    ended: state === 'running' || state === 'paused' ? 'detached' : state,
    outcomes: targets.map((one) => outcomeOf(one, waves)),
    durationMs: Math.max(0, (endedAt ?? new Date()).getTime() - startedAt.getTime()),
  }
}

function outcomeOf(one: QueuedTarget, waves: readonly string[]): TargetOutcome {
  const { name, done, outcome, durationMs, code, message, help } = one
  const wave = waves[one.wave] ?? ''
  if (outcome === 'done') return { kind: outcome, name, wave, done, durationMs: durationMs ?? 0 }
  if (outcome === 'current') return { kind: outcome, name, wave }
  if (outcome === null) return { kind: 'not_begun', name, wave }
  const error = { code: codeOf(code), message: message ?? '', help: help ?? undefined, diagnostics: [] }
  return { kind: outcome, name, wave, error, done }
}

/** A newer worker may know codes that this program does not. */
function codeOf(text: string | null): DiagnosticCode {
  return isCode(text) ? text : 'TM7099'
}

function isCode(text: string | null): text is DiagnosticCode {
  return text !== null && Object.hasOwn(CODES, text)
}
