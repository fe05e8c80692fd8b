import { presentRunningStep, type RunningStep } from '../run/present-running-step.ts'
import { count } from '../text/count.ts'
import { formatElapsed } from '../text/duration.ts'
import { textWidth } from '../text/table.ts'

/** How far a wave is. */
export interface WaveState {
  /** Such as `wave 1 of 3: 5%`. */
  readonly title: string
  readonly targets: number
  readonly startedAtMs: number
  readonly done: number
  readonly current: number
  readonly failed: number
  readonly interrupted: number
}

/** A target that runs, and what runs there, where that is known. */
export interface RunningTarget {
  readonly name: string
  readonly startedAtMs: number
  readonly step: RunningStep | undefined
}

/** The place for a table. */
export interface RolloutLayout {
  readonly nowMs: number
  readonly width: number
  /** Of the table, in lines. */
  readonly height: number
}

/**
 * Writes how far a rollout is: the counts of the wave, and a line for each target that runs, those that began first
 * at the top. Targets without room are counted.
 */
export function presentRolloutTable(
  wave: WaveState,
  running: readonly RunningTarget[],
  { nowMs, width, height }: RolloutLayout,
): string {
  const room = Math.max(0, height - 1)
  const shown = running.length <= room ? running : running.slice(0, Math.max(0, room - 1))
  const hidden = running.length - shown.length
  const names = shown.map(({ name }) => name.replace(/\s/g, ' '))
  const idWidth = Math.max(0, ...names.map(textWidth))
  return [
    presentWave(wave, nowMs),
    ...shown.map(({ startedAtMs, step }, at) => {
      const target = { ...placeOf(step), id: names[at] ?? '', startedAtMs }
      return presentRunningStep(target, { nowMs, idWidth, width })
    }),
    ...(hidden > 0 && room > 0 ? [`… ${count(hidden, 'more target')}`] : []),
  ].join('\n')
}

/**
 * Writes the counts of a wave.
 *
 * @example presentWave(wave, nowMs) // 'wave 2 of 3: 25%  12 of 40 targets: 10 done, 1 current, 1 failed  12.0 s'
 */
export function presentWave(wave: WaveState, nowMs: number): string {
  const counts = (['done', 'current', 'failed', 'interrupted'] as const).filter((kind) => wave[kind] > 0)
  const tried = counts.reduce((sum, kind) => sum + wave[kind], 0)
  const parts = counts.map((kind) => `${wave[kind]} ${kind}`).join(', ')
  const of = `${tried} of ${count(wave.targets, 'target')}${parts === '' ? '' : `: ${parts}`}`
  return `${wave.title}  ${of}  ${formatElapsed(nowMs - wave.startedAtMs)}`
}

function placeOf(step: RunningStep | undefined): Omit<RunningStep, 'id' | 'startedAtMs'> {
  if (step === undefined) return { place: '', detail: '' }
  return { ...step, place: step.id, detail: [step.place, step.detail].filter(Boolean).join('  ') }
}
