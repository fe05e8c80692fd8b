import { maskSecrets, type SourceFile, type Span, shownPlace } from '@tidemark/core'

const LENGTH = 80

/** What people see of a statement: where it is in the file, and its beginning. */
export interface StatementSummary {
  readonly span: Span
  readonly summary: string
}

/**
 * Gives a statement's place in its file and its beginning on one line, without its secrets.
 *
 * @example summarizeStatement(source, { start: 0, end: 27 }).summary // 'CREATE TABLE t ( a int );'
 */
export function summarizeStatement(source: SourceFile, sent: Span): StatementSummary {
  const { source: file, span } = shownPlace(source, sent)
  const { start, end } = span
  const head = file.text.slice(start, Math.min(end, start + 4 * LENGTH))
  const line = maskSecrets(head).replace(/\s+/g, ' ').trim()
  const isLong = line.length > LENGTH || end - start > 4 * LENGTH
  return { span, summary: isLong ? `${line.slice(0, LENGTH - 1)}…` : line }
}
