const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/**
 * Writes a number of bytes as people read it, in powers of 1024.
 *
 * @example formatBytes(99_777_832) // '95.2 MiB'
 */
export function formatBytes(bytes: number): string {
  let size = bytes / 1024
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return bytes < 1024 ? `${bytes} B` : `${size.toFixed(1)} ${UNITS[unit]}`
}
