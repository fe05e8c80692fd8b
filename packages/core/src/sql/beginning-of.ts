import { hasCode } from './has-code.ts'
import { scanSql } from './scan.ts'

/**
 * Gives a text up to the end of its first statements; undefined where it has fewer.
 *
 * @example beginningOf('SELECT 1; SELECT 2;', 1) // 'SELECT 1;'
 */
export function beginningOf(sql: string, statements: number): string | undefined {
  const last = scanSql(sql).statements.filter((statement) => hasCode(sql, statement))[statements - 1]
  return last === undefined ? undefined : sql.slice(0, last.end)
}
