import type { CopyFact } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import { readExpressions } from './query-facts.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads COPY. To the server STDIN and STDOUT are one word: the direction is in FROM and TO. */
export function readCopyFacts(cursor: TokenCursor): FactsPart {
  cursor.accept('binary')
  cursor.readName()
  const start = cursor.start
  cursor.skipGroup()
  const { destructions = [] } = readExpressions(cursor.between(start, cursor.start))
  const direction = cursor.acceptOneOf('from', 'to')
  if (direction === 'from') {
    return {
      copy: copyFrom(cursor),
      loadsData: true,
      sessionTouches: [{ kind: 'unknown', because: 'trigger' }],
    }
  }
  return { copy: copyTo(cursor), destructions, sessionTouches: [{ kind: 'unknown', because: 'view' }] }
}

function copyFrom(cursor: TokenCursor): CopyFact {
  if (cursor.isWord('program')) return 'from_program'
  return cursor.is('string') ? 'from_file' : 'from_stdin'
}

function copyTo(cursor: TokenCursor): CopyFact {
  if (cursor.isWord('program')) return 'to_program'
  return cursor.is('string') ? 'to_file' : 'to_stdout'
}
