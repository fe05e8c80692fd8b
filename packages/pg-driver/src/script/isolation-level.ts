import type { SourceFile, SqlStatement } from '@tidemark/core'

const SET = /^SET\b/i
const LEVEL =
  /^SET\s+TRANSACTION\b[^;]*?\bISOLATION\s+LEVEL\s+(SERIALIZABLE|REPEATABLE\s+READ|READ\s+(?:UN)?COMMITTED)\b/i

/**
 * Finds the isolation level that a file asks for with a SET TRANSACTION ahead of its first query. PostgreSQL
 * takes it before any query of a transaction only, and ours come first; the file's own statement then asks
 * for what is in force, which is always allowed.
 *
 * @see https://www.postgresql.org/docs/current/sql-set-transaction.html
 * @example findIsolationLevel(source, statements) // 'SERIALIZABLE'
 */
export function findIsolationLevel(
  { text }: SourceFile,
  statements: readonly SqlStatement[],
): string | undefined {
  for (const { codeStart, codeEnd } of statements) {
    const code = text.slice(codeStart, codeEnd)
    if (!SET.test(code)) return undefined
    const level = LEVEL.exec(code)?.[1]
    if (level !== undefined) return level.toUpperCase().replace(/\s+/g, ' ')
  }
  return undefined
}
