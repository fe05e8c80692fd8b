import type { HistoryJson } from '../json/schemas.ts'
import type { Paint } from '../terminal/paint.ts'
import { count } from './count.ts'
import { formatElapsed, formatMoment } from './duration.ts'
import { type Cell, presentTable } from './table.ts'
import { presentHeading } from './target.ts'

/** Writes attempts, one a line, newest first; the error of a failed one stands at the end of its line. */
export function presentHistory(
  { target, attempts }: HistoryJson,
  { paint, width }: { paint: Paint; width: number },
): string {
  const rows = attempts.map((attempt): readonly Cell[] => {
    const failed = attempt.status === 'failed'
    return [
      { text: failed ? '✗' : '✓', paint: failed ? paint.red : paint.green },
      { text: formatMoment(new Date(attempt.executedAt)), paint: paint.dim },
      { text: attempt.direction },
      { text: attempt.migrationId },
      {
        text: attempt.executionTimeMs === null ? '' : formatElapsed(attempt.executionTimeMs),
        align: 'right',
      },
      {
        text: [attempt.executedBy ?? '', attempt.error?.split('\n', 1)[0] ?? '']
          .filter((text) => text !== '')
          .join('  '),
        paint: paint.dim,
      },
    ]
  })
  const heading = presentHeading(target, count(attempts.length, 'attempt'), paint.bold)
  return rows.length === 0 ? heading : `${heading}\n\n${presentTable(rows, { width, indent: 1 })}`
}
