/** What a batch came to, for the size of the next one. */
export interface BatchPace {
  /** Keys of the batch. */
  readonly size: number
  readonly durationMs: number
  /** How long a batch is meant to take. */
  readonly targetMs: number
  /** Sessions waited for it. */
  readonly isBlocking: boolean
  /** By how much the next one may be larger: see {@link FREELY} and {@link CAREFULLY}. */
  readonly growth: number
}

/** How batches grow that nobody waits for. */
export const FREELY = 2
/**
 * How they grow once somebody has waited. A batch that is waited for takes back 35 that are not, so the size stays
 * where about one batch of 35 makes others wait.
 */
export const CAREFULLY = 1.02

/** Rows of the first batch. */
export const FIRST_SIZE = 1000
const LEAST_SIZE = 100
const LARGEST_SIZE = 100_000

/**
 * Chooses the size of the next batch: so that it takes the target, at most `growth` times and at least half
 * of the one before, and half where others waited for that.
 *
 * @example nextSize({ size: 1000, durationMs: 100, targetMs: 500, isBlocking: false, growth: 2 }) // 2000
 */
export function nextSize({ size, durationMs, targetMs, isBlocking, growth }: BatchPace): number {
  const factor = isBlocking ? 0.5 : Math.min(growth, Math.max(0.5, targetMs / Math.max(durationMs, 1)))
  return withinLimits(size * factor)
}

/** Halves the size of a batch that could not get its locks. */
export function halvedSize(size: number): number {
  return withinLimits(size / 2)
}

function withinLimits(size: number): number {
  return Math.min(LARGEST_SIZE, Math.max(LEAST_SIZE, Math.round(size)))
}
