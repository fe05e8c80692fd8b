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

/** How far around what was measured a range goes: its upper end is three times its lower end. */
const RANGES: Readonly<Record<Speed['basis']['kind'], readonly [low: number, high: number]>> = {
  // A temporary table is in memory and writes no WAL: the real ones take longer.
  calibrated: [1, 3],
  history: [1 / Math.sqrt(3), Math.sqrt(3)],
}

/** The time of some work on a server of factor 1; undefined where a size is not known. */
export function baseMs({
  kind,
  relation,
}: Pick<RehearsedWork, 'kind'> & { readonly relation: WorkSize }): number | undefined {
  const { rows, bytes, indexes } = relation
  if (kind === 'changes_rows' || rows === null || bytes === null) return undefined
  const { byte, row, indexedRow } = COSTS[kind]
  return (bytes * byte + rows * (row + indexes * indexedRow)) / 1_000_000
}

/** What the time of work depends on. */
export type WorkSize = Pick<RehearsedWork['relation'], 'rows' | 'bytes' | 'indexes'>

/** The time of several pieces of work on a server of factor 1; undefined where one is not known. */
export function sumBaseMs(work: readonly RehearsedWork[]): number | undefined {
  return work
    .map(baseMs)
    .reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0)
}

/**
 * Estimates how long work takes on the target: a range from one to three, by what was measured there. Null where
 * nothing was measured, or a size is not known; without work there is nothing to estimate.
 */
export function estimateDuration(
  work: readonly RehearsedWork[],
  speed: Speed | undefined,
): DurationRange | null {
  const base = sumBaseMs(work)
  if (speed === undefined || work.length === 0 || base === undefined) return null
  const [low, high] = RANGES[speed.basis.kind]
  return { lowMs: base * speed.factor * low, highMs: base * speed.factor * high }
}

/** The middle of factors that were measured; undefined of none. */
export function medianOf(factors: readonly number[]): number | undefined {
  const sorted = [...factors].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}
