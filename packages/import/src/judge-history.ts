import type { ForeignMigration } from './foreign/foreign-project.ts'
import { FORMATS, type FormatName } from './formats.ts'
import type { FormatHistory, HistoryJudgement, HistoryRow } from './history/history.ts'
import { judgeVersions } from './history/judge-by-version.ts'

/**
 * Says which migrations are applied according to a tool's table, by that tool's own rules.
 *
 * @param rows all rows, in the order of the table's first column.
 * @param migrations one that was split is there once for each part.
 * @example judgeHistory('dbmate', [{ version: '1' }], migrations).applied // [true, false]
 */
export function judgeHistory(
  format: FormatName,
  rows: readonly HistoryRow[],
  migrations: readonly ForeignMigration[],
): HistoryJudgement {
  return judgeRows(FORMATS[format].history, rows, migrations)
}

/** Like {@link judgeHistory}, by the rules that are given; without any, nothing is applied. */
export function judgeRows(
  history: FormatHistory | undefined,
  rows: readonly HistoryRow[],
  migrations: readonly ForeignMigration[],
): HistoryJudgement {
  if (history === undefined) return judgeVersions(new Set(), migrations)
  const whole = [...new Set(migrations)]
  const judged = history.judge(rows, whole)
  return {
    ...judged,
    applied: migrations.map((migration) => judged.applied[whole.indexOf(migration)] === true),
  }
}
