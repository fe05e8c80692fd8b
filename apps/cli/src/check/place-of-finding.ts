import type { Migration, Span } from '@tidemark/core'
import type { CheckFinding } from '@tidemark/shadow'

/**
 * Finds the place of a finding in its file: the comment or the statement that it is about. Undefined where it is
 * about the whole file.
 *
 * @example placeOfFinding(migration, finding)?.start
 */
export function placeOfFinding(
  migration: Migration,
  { statement, span }: Pick<CheckFinding, 'statement' | 'span'>,
): Span | undefined {
  // With values of variables in it, the file that was checked has other places.
  if (span !== null && migration.source.text.startsWith('--', span.start)) return span
  if (statement === null) return undefined
  const found = migration[statement.section]?.statements[statement.place]
  return found && { start: found.codeStart, end: found.codeEnd }
}
