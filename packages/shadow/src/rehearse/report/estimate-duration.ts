import type { DurationRange, RehearsedWork, SpeedBasis } from './rehearsal.ts'

/** How fast a server is: measured time over the time of {@link baseMs}. */
export interface Speed {
  readonly factor: number
  readonly basis: Exclude<SpeedBasis, { readonly kind: 'unknown' }>
}

/**
 * Nanoseconds a byte and a row cost, on some server: what matters are their proportions, for the factor of the
 * target's own server is measured. By bytes alone the cost of four shapes of table differs up to 198 times; by
 * bytes, rows and indexes it stays within 1.6 times.
 */
const COSTS = {
  scan: { byte: 0.25, row: 25, indexedRow: 0 },
  rewrite: { byte: 1.6, row: 250, indexedRow: 350 },
  index_build: { byte: 0.25, row: 350, indexedRow: 0 },
} as const

/** From the lower to the upper end of a range. */
const RANGE = 3

/** The time of some work on a server of factor 1; undefined where a size is not known. */
export function baseMs({ kind, relation }: RehearsedWork): number | undefined {
  const { rows, bytes, indexes } = relation
  if (kind === 'changes_rows' || rows === null || bytes === null) return undefined
  const { byte, row, indexedRow } = COSTS[kind]
  return (bytes * byte + rows * (row + indexes * indexedRow)) / 1_000_000
}

/**
 * Estimates how long work takes on the target: a range from one to three, around what was measured there. Null
 * where nothing was measured, or a size is not known; without work there is nothing to estimate.
 */
export function estimateDuration(
  work: readonly RehearsedWork[],
  speed: Speed | undefined,
): DurationRange | null {
  if (speed === undefined || work.length === 0) return null
  let sum = 0
  for (const one of work) {
    const base = baseMs(one)
    if (base === undefined) return null
    sum += base * speed.factor
  }
  return { lowMs: sum / Math.sqrt(RANGE), highMs: sum * Math.sqrt(RANGE) }
}

/** The middle of factors that were measured. */
export function medianOf(factors: readonly number[]): number | undefined {
  const sorted = [...factors].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}
