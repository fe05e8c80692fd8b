import { type MigrationId, TidemarkError } from '@tidemark/core'
import { runBounded } from '../server/run-bounded.ts'
import type { ParsedTarget, SoundTarget } from '../target/parse-targets.ts'
import type { Wave } from '../wave/plan-waves.ts'
import type { FleetEvent, RolloutResult, TargetOutcome } from './outcome.ts'
import { pause } from './pause.ts'

/** What {@link runWaves} needs. */
export interface WaveOptions {
  readonly waves: readonly Wave[]
  readonly concurrency: number
  readonly perServer: number
  readonly serverOf: (one: ParsedTarget) => string
  /** More failures than this stop what has not begun. */
  readonly allowed: number
  readonly pauseMs: number
  readonly signal: AbortSignal | undefined
  readonly onEvent: (event: FleetEvent) => void
  /** Migrates one target; throws when it fails. */
  readonly run: (
    one: SoundTarget,
    wave: string,
  ) => Promise<{ readonly done: readonly MigrationId[]; readonly durationMs: number }>
}

/**
 * Runs wave after wave. A target that fails stops no other, until more have failed than may: then nothing more
 * begins, and what runs is finished.
 */
export async function runWaves(options: WaveOptions): Promise<Pick<RolloutResult, 'ended' | 'outcomes'>> {
  const { waves, allowed, pauseMs, signal, onEvent } = options
  const outcomes = new Map<ParsedTarget, TargetOutcome>()
  let failures = 0
  const isOver = (): boolean => failures > allowed || signal?.aborted === true
  for (const [place, { name: wave, targets }] of waves.entries()) {
    if (isOver()) break
    if (place > 0 && pauseMs > 0) {
      onEvent({ kind: 'pausing', durationMs: pauseMs, next: wave })
      await pause(pauseMs, signal)
      if (isOver()) break
    }
    onEvent({ kind: 'wave_started', wave, number: place + 1, waves: waves.length, targets: targets.length })
    await runBounded(targets, { ...options, isOver }, async (one) => {
      onEvent({ kind: 'target_started', name: one.name, wave })
      const outcome = await tryTarget(one, wave, options)
      outcomes.set(one, outcome)
      if (outcome.kind === 'failed') failures += 1
      onEvent({ kind: 'target_finished', outcome })
    })
  }
  const all = waves.flatMap(({ name: wave, targets }) =>
    targets.map((one) => outcomes.get(one) ?? { kind: 'not_begun' as const, name: one.name, wave }),
  )
  const notBegun = all.filter(({ kind }) => kind === 'not_begun').length
  if (signal?.aborted === true) return { ended: 'interrupted', outcomes: all }
  if (notBegun === 0) return { ended: 'complete', outcomes: all }
  onEvent({ kind: 'stopped', failures, allowed, notBegun })
  return { ended: 'stopped', outcomes: all }
}

/** Tries one target: what fails there is its outcome. */
export async function tryTarget(
  one: ParsedTarget,
  wave: string,
  options: Pick<WaveOptions, 'run' | 'signal'>,
): Promise<TargetOutcome> {
  const { name } = one
  if (one.kind === 'wrong') return { kind: 'failed', name, wave, error: one.error, done: [] }
  try {
    const { done, durationMs } = await options.run(one, wave)
    return done.length === 0
      ? { kind: 'current', name, wave }
      : { kind: 'done', name, wave, done, durationMs }
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    const { applied = [] } = error.details
    const done = Array.isArray(applied) ? applied.map(String) : []
    return error.code === 'TM5008' && options.signal?.aborted === true
      ? { kind: 'interrupted', name, wave, done }
      : { kind: 'failed', name, wave, error, done }
  }
}
