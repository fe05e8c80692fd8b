import type { Diagnostic, SourceFile } from '@tidemark/core'
import { needsReview } from '../foreign/findings.ts'
import type { ForeignMigration } from '../foreign/foreign-project.ts'
import type { HistoryJudgement, JudgeHistory } from './history.ts'

/** Judges a table with one row, `version`, for each applied migration. */
export const judgeByVersion: JudgeHistory = (rows, migrations) =>
  judgeVersions(new Set(rows.map((row) => row['version'] ?? '')), migrations)

/** Says which migrations are among the applied versions. */
export function judgeVersions(
  versions: ReadonlySet<string>,
  migrations: readonly ForeignMigration[],
  normalize: (version: string) => string = (version) => version,
): HistoryJudgement {
  const known = new Set(migrations.map(({ version }) => normalize(version)))
  return {
    applied: migrations.map(({ version }) => versions.has(normalize(version))),
    unknown: [...versions].filter((version) => !known.has(version)),
    findings: [],
    refusal: undefined,
  }
}

/** Reports a file whose checksum is not the one in the table; no checksum there: nothing to compare. */
export function findChangedSince(
  { up, fingerprint }: ForeignMigration,
  checksum: string | undefined,
  tool: string,
): readonly Diagnostic[] {
  if (checksum === undefined || checksum === '' || checksum === fingerprint) return []
  return [changedSince(up.source, tool)]
}

/** TM7033: a file that differs from what was applied. */
export function changedSince(source: SourceFile, tool: string): Diagnostic {
  return needsReview(
    source,
    undefined,
    `it has changed since ${tool} applied it`,
    'the database has the old content; the file is adopted as it is now',
  )
}
