/** What a check showed of a `@down`, from what is best to what is worst. */
export const DOWN_VERDICTS = ['exact', 'column_order', 'differs', 'loses_data', 'down_fails'] as const

/**
 * What executing a `@down` showed, with rows in the tables that it touches. Absent where that was never executed,
 * or not known in full.
 */
export interface DownVerdict {
  readonly verdict: (typeof DOWN_VERDICTS)[number]
  /** What does not come back, or why it fails: a sentence each, the first few. */
  readonly details: readonly string[]
}

/**
 * Reads a verdict that was stored; undefined of anything else.
 *
 * @example readDownVerdict({ verdict: 'exact', details: [] }) // { verdict: 'exact', details: [] }
 */
export function readDownVerdict(value: unknown): DownVerdict | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: { readonly verdict?: unknown; readonly details?: unknown } = value
  const verdict = DOWN_VERDICTS.find((one) => one === found.verdict)
  if (verdict === undefined || !Array.isArray(found.details)) return undefined
  return { verdict, details: found.details.filter((detail) => typeof detail === 'string') }
}

/**
 * Whether a `@down` is known to lose something or to fail: on a protected database it has to be accepted by name.
 *
 * @example needsAcceptance({ verdict: 'loses_data', details: [] }) // true
 */
export function needsAcceptance(known: DownVerdict | undefined): boolean {
  return known !== undefined && known.verdict !== 'exact' && known.verdict !== 'column_order'
}
