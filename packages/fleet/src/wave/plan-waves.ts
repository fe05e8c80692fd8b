import { suggest, TidemarkError } from '@tidemark/core'
import { ringOf } from '../target/choose-targets.ts'
import type { ParsedTarget } from '../target/parse-targets.ts'

/** Targets that are tried together, before the next wave begins. */
export interface Wave {
  /** As it was asked for: `ring:canary`, `5%`; `rest` has what no wave took. */
  readonly name: string
  readonly targets: readonly ParsedTarget[]
}

/** One wave as it is written. */
export type WaveRule =
  | { readonly kind: 'ring'; readonly name: string; readonly ring: string }
  | { readonly kind: 'share'; readonly name: string; readonly percent: number }

/**
 * Reads a wave: `ring:NAME`, or a percentage.
 *
 * @throws TidemarkError TM7003.
 */
export function parseWave(text: string): WaveRule {
  const ring = /^ring:(.+)$/s.exec(text)?.[1]
  if (ring !== undefined) return { kind: 'ring', name: text, ring }
  const percent = readPercent(text)
  if (percent !== undefined && percent > 0) return { kind: 'share', name: text, percent }
  throw new TidemarkError({
    code: 'TM7003',
    message: `"${text}" is not a wave`,
    help: 'write "ring:NAME", or a percentage such as "5%"; the last is usually "100%"',
  })
}

/** Reads `5%` or `0.5%`; undefined where it is none, or more than 100. */
export function readPercent(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text.trim())
  const percent = match === null ? undefined : Number(match[1])
  return percent === undefined || percent > 100 ? undefined : percent
}

/**
 * Divides targets into waves. `ring:NAME` has the targets of that ring. Percentages are of the targets that no
 * `ring:` wave names, rounded up, and add up: after `5%` and `25%` a quarter of them is done. What no wave takes
 * comes last, as `rest`. A target is in one wave, the first that takes it.
 *
 * @example planWaves(targets, ['ring:canary', '5%', '100%'])
 */
export function planWaves(targets: readonly ParsedTarget[], waves: readonly string[]): readonly Wave[] {
  const rules = [...new Set(waves)].map(parseWave)
  const rings = new Set(rules.flatMap((rule) => (rule.kind === 'ring' ? [rule.ring] : [])))
  const shared = targets.filter((one) => !rings.has(ringOf(one) ?? ''))
  let taken = 0
  const planned = rules.map((rule): Wave => {
    if (rule.kind === 'ring') {
      return { name: rule.name, targets: targets.filter((one) => ringOf(one) === rule.ring) }
    }
    const end = Math.max(taken, Math.ceil((shared.length * rule.percent) / 100))
    const part = shared.slice(taken, end)
    taken = end
    return { name: rule.name, targets: part }
  })
  const rest = shared.slice(taken)
  const all = rest.length === 0 ? planned : [...planned, { name: 'rest', targets: rest }]
  return all.filter((wave) => wave.targets.length > 0)
}

/**
 * Chooses waves by name.
 *
 * @throws TidemarkError TM7072 for one that there is not.
 */
export function chooseWaves(waves: readonly Wave[], names: readonly string[]): readonly Wave[] {
  const known = waves.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined)
    return names.length === 0 ? waves : waves.filter(({ name }) => names.includes(name))
  const near = suggest(unknown, known)
  throw new TidemarkError({
    code: 'TM7072',
    message: `there is no wave "${unknown}", or it has no target`,
    help: near === undefined ? `the waves are ${known.join(', ')}` : `did you mean "${near}"?`,
  })
}
