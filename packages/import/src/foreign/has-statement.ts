import { hasCode, scanSql } from '@tidemark/core'

/** Says whether a text has a statement, and not only comments. */
export function hasStatement(text: string): boolean {
  return scanSql(text).statements.some((statement) => hasCode(text, statement))
}
