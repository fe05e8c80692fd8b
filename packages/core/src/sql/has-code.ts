import type { SqlStatement } from './statement.ts'

/**
 * Tells whether a statement would do anything: it has a token other than its `;`.
 *
 * @example scanSql('-- nothing\n;').statements.some((statement) => hasCode('-- nothing\n;', statement)) // false
 */
export function hasCode(text: string, statement: SqlStatement): boolean {
  const length = statement.codeEnd - statement.codeStart
  return length > 1 || (length === 1 && text.charCodeAt(statement.codeStart) !== 0x3b)
}
