/**
 * Milliseconds of each unit that a header may name: PostgreSQL's own units, without microseconds and days.
 */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

/** The largest timeout that PostgreSQL takes, in milliseconds (a 32-bit integer: 24 days). */
const MAX_MS = 2_147_483_647

/**
 * Reads a number with a unit (`500ms`, `5s`, `2min`, `1h`, also `1.5s`), or `0`, as whole milliseconds.
 * Undefined for anything else, also for what PostgreSQL could not hold.
 *
 * @example parseDuration('2min') // 120000
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const match = /^(\d+(?:\.\d+)?)[ \t]*(ms|s|min|h)$/.exec(text)
  if (match === null) return undefined
  const [, number = '', unit = ''] = match
  const ms = Math.round(Number(number) * (UNITS[unit] ?? 0))
  return ms <= MAX_MS ? ms : undefined
}

/**
 * Writes milliseconds in the largest unit that leaves a whole number.
 *
 * @example formatDuration(120000) // '2min'
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0'
  const [unit, size] = Object.entries(UNITS)
    .filter(([, unitMs]) => ms % unitMs === 0)
    .reduce((a, b) => (b[1] > a[1] ? b : a), ['ms', 1])
  return `${ms / size}${unit}`
}
