import type { HistoryJson } from '../schema/run-schemas.ts'
import { count } from '../text/count.ts'
import { formatMoment } from '../text/duration.ts'
import { listFew } from '../text/few.ts'
import { type Cell, presentTable } from '../text/table.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'
import type { HistoryView } from './present-history.ts'

type Run = NonNullable<HistoryJson['runs']>[number]

/** Writes runs, one a line, the newest first, each with the whole id that `down --run` and `restore` take. */
export function presentRuns(
  { target, runs = [] }: HistoryJson,
  { paint, width }: Pick<HistoryView, 'paint' | 'width'>,
): string {
  const heading = wrapText(presentHeading(target, count(runs.length, 'run'), paint.bold), width)
  if (runs.length === 0) return heading
  const rows = runs.map((run): readonly Cell[] => [
    { text: run.failed.length === 0 ? '✓' : '✗', paint: run.failed.length === 0 ? paint.green : paint.red },
    { text: run.runId },
    { text: formatMoment(new Date(run.endedAt)), paint: paint.dim },
    { text: run.kind },
    { text: presentOutcome(run) },
    { text: [run.executedBy, run.reason].filter(Boolean).join('  '), paint: paint.dim },
  ])
  return `${heading}\n\n${presentTable(rows, { width, indent: 1, optional: [5] })}`
}

function presentOutcome({ migrations, inForce, failed, kind }: Run): string {
  const parts = [
    `${count(migrations.length, 'migration')}: ${listFew(migrations)}`,
    ...(failed.length === 0 ? [] : [`failed: ${listFew(failed)}`]),
    ...(kind !== 'up' && kind !== 'redo'
      ? []
      : [inForce.length === 0 ? 'nothing in force' : `${inForce.length} in force`]),
  ]
  return parts.join('; ')
}
