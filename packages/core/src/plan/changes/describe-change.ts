import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { Migration } from '../../migration/model/migration.ts'
import { storedSectionText } from '../../migration/sections/stored-section-text.ts'
import type { Span } from '../../text/span.ts'
import { type StoredMigration, writtenUpSql } from '../history/history.ts'
import { type ChangeKind, changeSeverity, type FileChange } from './find-changes.ts'
import { formatLineDiff } from './format-line-diff.ts'
import type { DiffLine } from './line-diff.ts'
import { maskedDiff } from './masked-diff.ts'

/** What each kind is called in a message. */
const WORDS: Readonly<Record<ChangeKind, string>> = {
  up: '@up',
  transaction: 'Transaction',
  role: 'Role',
  replaces: 'Replaces',
  dependencies: 'Depends on',
  down: '@down',
  verify: '@verify',
  header: 'header',
  cosmetic: 'comments or white space',
}

/**
 * Describes a change as TM4001: an error when what ran is not what the file says, else a warning. Where `@up`
 * differs, it points at the first line that does, and the difference is shown below.
 * @example describeChange(migration, stored, findChanges(migration, stored)).code // 'TM4001'
 */
export function describeChange(
  migration: Migration,
  stored: StoredMigration,
  change: FileChange,
): Diagnostic {
  const refuses = change.kinds.some((kind) => changeSeverity(kind) === 'error')
  const what = change.kinds.map((kind) => WORDS[kind]).join(', ')
  const adopt = `tidemark repair ${migration.id} --adopt`
  const diff = change.kinds.includes('up')
    ? maskedDiff(writtenUpSql(stored), storedSectionText(migration, migration.up))
    : []
  const diagnostic = diagnose(migration.source, {
    code: 'TM4001',
    severity: refuses ? 'error' : 'warning',
    span: firstChange(migration, diff),
    message: `"${migration.id}" has changed since it was applied: ${what}`,
    help: refuses
      ? `restore the file and put the change into a new migration; if the database already matches the file: ${adopt}`
      : `the applied SQL is the same; to record the file as it is now: ${adopt}`,
  })
  return diff.length === 0 ? diagnostic : { ...diagnostic, detail: formatLineDiff(diff) }
}

/** The line of the file where `@up` first differs; without one the marker or the start of the file. */
function firstChange({ source, up }: Migration, diff: readonly DiffLine[]): Span {
  const change = diff.find(({ kind }) => kind !== 'same')
  if (change === undefined) return { start: 0, end: 0 }
  // The stored text has other lines than the file where it has COPY data.
  if (up.statements.some(({ copyData }) => copyData !== undefined)) return up.marker
  const before = diff.slice(0, diff.indexOf(change)).filter(({ kind }) => kind === 'same').length
  let start = up.body.start + source.text.slice(up.body.start, up.body.end).search(/\S|$/)
  for (let line = 0; line < before; line += 1) {
    const end = source.text.indexOf('\n', start)
    if (end === -1 || end >= up.body.end) return up.marker
    start = end + 1
  }
  const end = source.text.indexOf('\n', start)
  return { start, end: end === -1 ? source.text.length : end }
}
