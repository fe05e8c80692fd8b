import type { HistoryJson } from '../schema/run-schemas.ts'
import { count } from '../text/count.ts'
import { formatElapsed, formatMoment } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { type Cell, presentTable } from '../text/table.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'

/** How {@link presentHistory} writes. */
export interface HistoryView {
  readonly paint: Paint
  readonly width: number
  /** `full`: statements, lock waits, retries and backups below each attempt. */
  readonly depth: 'brief' | 'full'
}

type Attempt = HistoryJson['attempts'][number]

/**
 * Writes attempts, one a line, newest first; who, why, and the error of a failed one are at the end of its
 * line.
 */
export function presentHistory(
  { target, attempts }: HistoryJson,
  { paint, width, depth }: HistoryView,
): string {
  const rows = attempts.map((attempt) => presentAttempt(attempt, paint))
  const heading = wrapText(presentHeading(target, count(attempts.length, 'attempt'), paint.bold), width)
  if (rows.length === 0) return heading
  const table = presentTable(rows, { width, indent: 1, optional: [2, 5] }).split('\n')
  const lines = attempts.flatMap((attempt, place) => [
    table[place] ?? '',
    ...(depth === 'full' ? presentDetails(attempt).map((line) => paint.dim(`      ${line}`)) : []),
  ])
  return `${heading}\n\n${lines.join('\n')}`
}

function presentAttempt(attempt: Attempt, paint: Paint): readonly Cell[] {
  const failed = attempt.status === 'failed'
  const last = [attempt.executedBy, attempt.reason, attempt.error?.split('\n', 1)[0]]
  return [
    { text: failed ? '✗' : '✓', paint: failed ? paint.red : paint.green },
    { text: formatMoment(new Date(attempt.executedAt)), paint: paint.dim },
    { text: attempt.runId?.slice(0, 8) ?? '', paint: paint.dim },
    { text: attempt.direction },
    { text: attempt.migrationId },
    {
      text: attempt.executionTimeMs === null ? '' : formatElapsed(attempt.executionTimeMs),
      align: 'right',
    },
    { text: last.filter((text) => text != null && text !== '').join('  '), paint: paint.dim },
  ]
}

function presentDetails({
  statements,
  lockWaits,
  retries,
  backup,
  executionTimeMs,
}: Attempt): readonly string[] {
  return [
    ...[...statements]
      .sort((a, b) => b.durationMs - a.durationMs)
      .map((one) => `${presentPlace(one)}  ${formatElapsed(one.durationMs)}`),
    ...presentRest(statements, executionTimeMs),
    ...lockWaits.map(
      (one) =>
        `${presentPlace(one)} waited ${formatElapsed(one.waitedMs)} for a lock${presentBlockers(one.blockers)}`,
    ),
    ...retries.map(
      ({ attempt, sqlState, delayMs, blockers }) =>
        `attempt ${attempt} ended with ${sqlState}, tried again after ${formatElapsed(delayMs)}${presentBlockers(blockers)}`,
    ),
    ...(backup === null
      ? []
      : [
          `saved ${backup.tables.join(', ')} in ${backup.path}${backup.rows === undefined ? '' : `, ${count(backup.rows, 'row')}`}`,
        ]),
  ]
}

/** What is left of the time of the attempt: only statements of 10 ms and more are recorded one by one. */
function presentRest(statements: Attempt['statements'], totalMs: number | null): readonly string[] {
  if (totalMs === null || statements.length === 0) return []
  const restMs =
    Math.round(totalMs) - statements.reduce((sum, { durationMs }) => sum + Math.round(durationMs), 0)
  return restMs <= 0 ? [] : [`statements below 10 ms, records and COMMIT  ${formatElapsed(restMs)}`]
}

function presentBlockers(blockers: Attempt['lockWaits'][number]['blockers']): string {
  const names = blockers.map(({ pid, applicationName, user }) =>
    [`pid ${pid}`, applicationName, user === null ? '' : `role ${user}`]
      .filter((part) => part !== null && part !== '')
      .join(', '),
  )
  return names.length === 0 ? '' : `, held by ${names.join('; ')}`
}

function presentPlace({
  statement,
  verify,
}: Pick<Attempt['statements'][number], 'statement' | 'verify'>): string {
  return statement === undefined ? `verify ${verify ?? ''}` : `statement ${statement}`
}
