import type { ForeignMigration } from './foreign/foreign-project.ts'
import { FORMATS, type FormatName } from './formats.ts'
import type { HistoryJudgement, HistoryRow } from './history/history.ts'
import { judgeVersions } from './history/judge-by-version.ts'

/**
 * Says which migrations are applied according to a tool's table, by that tool's own rules.
 *
 * @param rows all rows, in the order of the table's first column.
 * @example judgeHistory('dbmate', [{ version: '1' }], migrations).applied // [true, false]
 */
export function judgeHistory(
  format: FormatName,
  rows: readonly HistoryRow[],
  migrations: readonly ForeignMigration[],
): HistoryJudgement {
  const { history } = FORMATS[format]
  return history === undefined ? judgeVersions(new Set(), migrations) : history.judge(rows, migrations)
}
