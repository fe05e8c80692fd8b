/** A date, and a time from hours to milliseconds, with or without separators. */
const DATE_TIME =
  /^((?:19|20|21)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:[-_.T]?([01]\d|2[0-3])(?:([-_.]?)([0-5]\d)(?:\6([0-5]\d)(?:[-_.]?(\d{3}))?)?)?)?(?!\d)/

/** Seconds or milliseconds since 1970, of the years from 2001 to 2286. */
const UNIX_TIME = /^[1-9]\d{9}(?:\d{3})?(?!\d)/

const MINUTE_MS = 60_000

/**
 * Gives what comes in front of a new id after one that begins with a timestamp: the current time in UTC,
 * written in the same way, and later than that one. Undefined when the id begins with no timestamp.
 *
 * @example nextStamp('2024-01-15_users', new Date('2026-11-30T12:53:00Z')) // '2026-11-30'
 */
export function nextStamp(lastId: string, now: Date): string | undefined {
  const match = DATE_TIME.exec(lastId)
  if (match !== null) return nextDateTime(match, now)
  const digits = UNIX_TIME.exec(lastId)?.[0]
  if (digits === undefined) return undefined
  const current = Math.trunc(now.getTime() / (digits.length === 10 ? 1000 : 1))
  return String(Math.max(current, Number(digits) + 1))
}

function nextDateTime(match: RegExpExecArray, now: Date): string {
  const [stamp, year, , month, day, hour, , minute, second, ms] = match
  const last = Date.UTC(Number(year), Number(month) - 1, Number(day), ...numbers(hour, minute, second, ms))
  const step = ms !== undefined ? 1 : second !== undefined ? 1000 : minute !== undefined ? MINUTE_MS : 0
  const digits = new Date(Math.max(now.getTime(), last + step)).toISOString().replace(/\D/g, '')
  let index = 0
  return stamp.replace(/\d/g, () => digits.charAt(index++))
}

function numbers(...parts: readonly (string | undefined)[]): readonly [number, number, number, number] {
  const [hour = 0, minute = 0, second = 0, ms = 0] = parts.map((part) => Number(part ?? 0))
  return [hour, minute, second, ms]
}
