import type { BatchProgress } from '@tidemark/core'

/** What the percentage is estimated from. */
export type Position = Pick<BatchProgress, 'first' | 'last' | 'cursor' | 'rows'> & {
  /** The type of the key, as the server names it. */
  readonly type: string
  /** Rows of the table, as the server estimates them; null: unknown. */
  readonly tableRows: number | null
}

/**
 * Estimates how much of a table is done, 0 to 100: by the place of the key between the smallest and the
 * largest, where its type has a distance, and else by rows. Null where neither is known.
 *
 * @example percentDone({ type: 'bigint', first: '1', last: '200', cursor: '100', rows: 100, tableRows: null }) // 49.7
 */
export function percentDone({ type, first, last, cursor, rows, tableRows }: Position): number | null {
  if (cursor === last) return 100
  const [from, to, at] = [first, last, cursor].map((key) => placeOf(type, key))
  if (from !== undefined && to !== undefined && at !== undefined && to > from) {
    return inPercent((at - from) / (to - from))
  }
  return tableRows === null || tableRows <= 0 ? null : inPercent(rows / tableRows)
}

/** 100 is said only when it is done. */
function inPercent(share: number): number {
  return Math.min(99.9, Math.max(0, Math.round(share * 1000) / 10))
}

const NUMBERS = /^(?:smallint|integer|bigint|numeric|real|double precision|oid)$/
const TIMES = /^(?:date|timestamp (?:without|with) time zone)$/

function placeOf(type: string, key: string): number | undefined {
  const place = NUMBERS.test(type)
    ? Number(key)
    : TIMES.test(type)
      ? // As ISO 8601, of which seconds are enough.
        Date.parse(key.replace(' ', 'T').replace(/\.\d+/, '').replace(/\+00$/, 'Z'))
      : Number.NaN
  return Number.isFinite(place) ? place : undefined
}
