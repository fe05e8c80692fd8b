import type { FormatHistory, HistoryRow, JudgeHistory } from '../history/history.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import type { RecordedHistory } from './find-history.ts'

/** Says how the table of a recorded tool is read on a database that the tool has migrated. */
export function adoptableHistory({ schema = 'public', name, known }: RecordedHistory): FormatHistory {
  const versionOf = (row: HistoryRow): string => known.key.map((column) => row[column] ?? '').join('.')
  return {
    table: { schema, name, columns: known.key },
    judge: known.rows === 'updated' ? judgeUpTo(versionOf) : judgeRows(versionOf),
  }
}

function judgeRows(versionOf: (row: HistoryRow) => string): JudgeHistory {
  return (rows, migrations) => judgeVersions(new Set(rows.map(versionOf)), migrations)
}

/** The one row says which migration was the last. */
function judgeUpTo(versionOf: (row: HistoryRow) => string): JudgeHistory {
  return (rows, migrations) => {
    const last = rows.map(versionOf)
    const at = migrations.findLastIndex(({ version }) => last.includes(version))
    const known = new Set(migrations.map(({ version }) => version))
    return {
      applied: migrations.map((_, index) => index <= at),
      unknown: last.filter((version) => !known.has(version)),
      findings: [],
      refusal: undefined,
    }
  }
}
