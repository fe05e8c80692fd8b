/**
 * Writes milliseconds as people read them: whole below a second, then with one decimal, then minutes and
 * hours.
 *
 * @example formatElapsed(1400) // '1.4 s'
 */
export function formatElapsed(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`
}

/**
 * Writes a limit: like an elapsed time, without what is zero.
 *
 * @example formatLimit(600_000) // '10 min'
 */
export function formatLimit(milliseconds: number): string {
  return formatElapsed(milliseconds).replace(/ 00 (s|min)$/, '')
}

/** Writes a moment in UTC, to the second: the same on every machine. */
export function formatMoment(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replace('T', ' ')}Z`
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
