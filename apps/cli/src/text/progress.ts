import type { BatchProgress } from '@tidemark/core'
import { count } from './count.ts'
import { formatElapsed } from './duration.ts'

/** What documents say of a walk in batches: no key, which is row data. */
export type ProgressJson = Pick<
  BatchProgress,
  'direction' | 'rows' | 'batches' | 'walks' | 'size' | 'percent'
>

/** Gives how far a migration in batches is. */
export function progressToJson({
  direction,
  rows,
  batches,
  walks,
  size,
  percent,
}: BatchProgress): ProgressJson {
  return { direction, rows, batches, walks, size, percent }
}

/**
 * Writes how much is done, in whole percent, or in rows where that is not known.
 *
 * @example presentShare({ percent: 42.7, rows: 5000 }) // '42 %'
 */
export function presentShare({ percent, rows }: Pick<ProgressJson, 'percent' | 'rows'>): string {
  return percent === null ? `${count(rows, 'row')}` : `${Math.floor(percent)} %`
}

/** What a line about a walk in batches is made from. */
export interface Pace {
  readonly progress: Pick<BatchProgress, 'percent' | 'rows' | 'size'>
  readonly rowsPerSecond: number
  readonly leftMs: number | null
}

const BAR_WIDTH = 10

/** Draws how much is done; nothing where that is not known. */
export function drawBar(percent: number | null): string {
  if (percent === null) return ''
  const full = Math.floor((percent * BAR_WIDTH) / 100)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} `
}

/**
 * Writes how far a walk is and how fast.
 *
 * @example presentPace(event) // '42 %  12,500 rows/s  3 min 20 s left  batches of 4,000'
 */
export function presentPace({ progress, rowsPerSecond, leftMs }: Pace): string {
  return [
    presentShare(progress),
    `${rowsPerSecond} rows/s`,
    ...(leftMs === null || leftMs === 0 ? [] : [`${formatElapsed(leftMs)} left`]),
    `batches of ${progress.size}`,
  ].join('  ')
}
