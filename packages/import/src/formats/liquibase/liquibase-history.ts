import { baseName } from '../../foreign/foreign-project.ts'
import type { JudgeHistory } from '../../history/history.ts'

/** Writes a changeset as it is named in messages, and found in the table: author, id and file. */
export function changesetVersion(author: string, id: string, path: string): string {
  return `${path}::${id}::${author}`
}

/**
 * Judges `databasechangelog`: a changeset that has a row is applied. The paths of files may begin elsewhere
 * than in the folder that was read, so they are compared where author and id alone are not enough.
 */
export const judgeLiquibaseHistory: JudgeHistory = (rows, migrations) => {
  const keys = migrations.map(({ version }) => version.split('::').slice(1).join('::'))
  const versions = rows.map((row) => ({
    key: `${row['id']}::${row['author']}`,
    version: changesetVersion(row['author'] ?? '', row['id'] ?? '', row['filename'] ?? ''),
    file: row['filename'] ?? '',
  }))
  const isSame = (row: (typeof versions)[number], index: number): boolean => {
    const { version } = migrations[index] ?? { version: '' }
    const [path = ''] = version.split('::')
    if (row.key !== keys[index]) return false
    const isOnly = keys.filter((key) => key === row.key).length === 1
    return isOnly || row.file.endsWith(path) || baseName(row.file) === baseName(path)
  }
  return {
    applied: migrations.map((_, index) => versions.some((row) => isSame(row, index))),
    unknown: versions
      .filter((row) => !migrations.some((_, index) => isSame(row, index)))
      .map(({ version }) => version),
    findings: [],
    refusal: undefined,
  }
}
