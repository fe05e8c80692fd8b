/** Writes a duration as people read it: `31 ms`, `1.4 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return '< 1 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const [large, small] = seconds < 3600 ? ['min', 's'] : ['h', 'min']
  const unit = seconds < 3600 ? 60 : 3600
  const rest = Math.floor((seconds % unit) / (unit / 60))
  return `${Math.floor(seconds / unit)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

/** Writes a moment in the reader's time zone: `2026-11-30 17:41`. */
export function formatMoment(iso: string): string {
  const date = new Date(iso)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Writes a size: `12 kB`, `3.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** Writes a number with separators. */
export function formatCount(count: number): string {
  return new Intl.NumberFormat('en').format(count)
}

/** A count with its noun. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`
}

/** Writes where a database is: `db.example:5432`; an embedded one has no port. */
export function describeServer({
  host,
  port,
}: {
  readonly host: string
  readonly port: number | null
}): string {
  return port === null ? host : `${host}:${port}`
}
