import type { Span } from '@tidemark/core'
import { maskSecrets } from '@tidemark/core'

const LENGTH = 80

/**
 * Gives a statement's beginning on one line, without its secrets.
 *
 * @example summarizeStatement('CREATE TABLE t (\n  a int\n);', { start: 0, end: 27 }) // 'CREATE TABLE t ( a int );'
 */
export function summarizeStatement(text: string, { start, end }: Span): string {
  const head = text.slice(start, Math.min(end, start + 4 * LENGTH))
  const line = maskSecrets(head).replace(/\s+/g, ' ').trim()
  return line.length > LENGTH || end - start > 4 * LENGTH ? `${line.slice(0, LENGTH - 1)}…` : line
}
