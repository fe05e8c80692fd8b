import type { FactsPart } from './facts-part.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT and the commands of two-phase commit. */
export function readTransactionWords(first: string, cursor: TokenCursor): FactsPart {
  switch (first) {
    case 'begin':
    case 'start':
      return { transactionControl: 'begin' }
    case 'end':
      return { transactionControl: 'commit' }
    case 'abort':
      return { transactionControl: 'rollback' }
    case 'commit':
      return { transactionControl: cursor.accept('prepared') ? 'finish_prepared' : 'commit' }
    default:
      return readRollback(cursor)
  }
}

/** `ROLLBACK [WORK | TRANSACTION] TO [SAVEPOINT] x` goes back inside the transaction and does not end it. */
function readRollback(cursor: TokenCursor): FactsPart {
  if (cursor.accept('prepared')) return { transactionControl: 'finish_prepared' }
  cursor.acceptOneOf('work', 'transaction')
  return cursor.isWord('to') ? {} : { transactionControl: 'rollback' }
}
