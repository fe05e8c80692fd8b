import type { ReportAttempt } from '@tidemark/report'

/** Attempts of one run, oldest first. */
export interface ReportRun {
  readonly key: string
  readonly runId: string | null
  readonly startedAt: string
  readonly kind: string
  readonly attempts: readonly ReportAttempt[]
  readonly durationMs: number
  readonly failed: number
  readonly by: string | null
}

/** Groups attempts, newest first as they come, to runs, newest first. */
export function groupRuns(attempts: readonly ReportAttempt[]): readonly ReportRun[] {
  const groups = new Map<string, ReportAttempt[]>()
  for (const [index, attempt] of attempts.entries()) {
    const key = attempt.runId ?? `alone ${index}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [attempt])
    else group.push(attempt)
  }
  return [...groups].map(([key, group]) => {
    const inOrder = group.toReversed()
    return {
      key,
      runId: inOrder[0]?.runId ?? null,
      startedAt: inOrder[0]?.at ?? '',
      kind: [...new Set(inOrder.map(({ direction }) => direction))].join(', '),
      attempts: inOrder,
      durationMs: inOrder.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0),
      failed: inOrder.filter(({ status }) => status === 'failed').length,
      by: inOrder[0]?.by ?? null,
    }
  })
}

/** Writes attempts as CSV; no cell begins a formula of a spreadsheet. */
export function toCsv(attempts: readonly ReportAttempt[]): string {
  const head = ['at', 'migration', 'direction', 'status', 'duration_ms', 'run', 'error']
  const rows = attempts.map(({ at, migrationId, direction, status, durationMs, runId, error }) => [
    at,
    migrationId,
    direction,
    status,
    durationMs === null ? '' : String(durationMs),
    runId ?? '',
    error ?? '',
  ])
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
