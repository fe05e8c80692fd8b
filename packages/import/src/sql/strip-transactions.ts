import type { Span } from '@tidemark/core'
import type { ForeignStatement } from './read-statements.ts'
import { removal, type TextEdit } from './text-edits.ts'

/** What happens to a section's own BEGIN and COMMIT. */
export interface StrippedTransactions {
  readonly edits: readonly TextEdit[]
  /**
   * `none`; one `wrapper` around everything; several or partial `pairs`; a single COMMIT that `leaves` the
   * tool's transaction, at the end or before a statement that refuses one; or `unclear`, left as it is.
   */
  readonly kind: 'none' | 'wrapper' | 'pairs' | 'leaves' | 'unclear'
  /** The first of them. */
  readonly span: Span | undefined
  /** A BEGIN that asks for an isolation level or the like, which goes with it. */
  readonly mode: ForeignStatement | undefined
}

/**
 * Removes BEGIN and COMMIT where they come in pairs: a file runs in one transaction anyway, or in none. Also
 * removes a single COMMIT as the last statement, or before a statement that refuses a transaction: it ends
 * the transaction that the other tool opens around every file. ROLLBACK, AND CHAIN, two-phase commit and
 * other single words stay, since only the author knows what they mean.
 */
export function stripTransactions(
  text: string,
  statements: readonly ForeignStatement[],
): StrippedTransactions {
  const words = statements.filter(({ facts }) => facts.transactionControl !== undefined)
  const first = words[0]
  if (first === undefined) return { edits: [], kind: 'none', span: undefined, mode: undefined }
  const span = { start: first.start, end: first.end }
  if (leavesTransaction(words, statements)) {
    return { edits: [removal(text, first)], kind: 'leaves', span, mode: undefined }
  }
  const inPairs =
    words.length % 2 === 0 &&
    words.every((word, index) => isPlain(word, index % 2 === 0 ? 'begin' : 'commit'))
  if (!inPairs) return { edits: [], kind: 'unclear', span, mode: undefined }
  const isWrapper = words.length === 2 && statements[0] === first && statements.at(-1) === words[1]
  return {
    edits: words.map((word) => removal(text, word)),
    kind: isWrapper ? 'wrapper' : 'pairs',
    span,
    mode: words.find(({ code }) => /\b(isolation|read\s+only|deferrable)\b/i.test(code)),
  }
}

function isPlain({ facts, code }: ForeignStatement, control: 'begin' | 'commit'): boolean {
  return facts.transactionControl === control && !/\band\s+chain\b/i.test(code)
}

function leavesTransaction(
  words: readonly ForeignStatement[],
  statements: readonly ForeignStatement[],
): boolean {
  const [word] = words
  if (word === undefined || words.length > 1 || !isPlain(word, 'commit')) return false
  const after = statements.filter(({ start }) => start > word.start)
  return after.length === 0 || after.some(({ facts }) => facts.refusesTransaction !== undefined)
}
