import { type RelationName, unquoteName } from '../../sql/facts/relation-name.ts'
import { TokenCursor } from '../../sql/facts/token-cursor.ts'
import type { Span } from '../../text/span.ts'
import type { readBatchKey } from '../header/header-batches.ts'

type BatchKey = ReturnType<typeof readBatchKey>

/** Words after which the assignments of a SET are over. */
const ENDS: ReadonlySet<string> = new Set(['from', 'where', 'returning', 'when'])

/**
 * Tells whether a statement assigns a value to the key by which its table is walked: in UPDATE, MERGE or ON
 * CONFLICT, also inside a WITH. A row whose key changes would be met twice, or never.
 */
export function changesKey(text: string, span: Span, { table, column }: BatchKey): boolean {
  const cursor = new TokenCursor(text, span)
  let written: RelationName | undefined
  while (!cursor.atEnd) {
    const isWrite = cursor.acceptOneOf('update', 'into') !== undefined
    if (isWrite) {
      cursor.accept('only')
      // `DO UPDATE SET` and `UPDATE SET` write the table that was named before.
      written = cursor.isWord('set') ? written : (cursor.readName() ?? written)
    } else if (cursor.isWord('set')) {
      cursor.advance()
      if (readTargets(cursor).includes(column) && written?.name === table.name) return true
    } else cursor.advance()
  }
  return false
}

/** Reads the columns that a SET assigns, and stops where its assignments end. */
function readTargets(cursor: TokenCursor): readonly string[] {
  const level = cursor.depth
  const targets: string[] = []
  let isTarget = true
  while (!cursor.atEnd && cursor.depth >= level && !(cursor.depth === level && ENDS.has(cursor.word))) {
    if (isTarget && cursor.isName()) {
      targets.push(unquoteName(cursor.text))
      // A name in parentheses is followed by more of them.
      isTarget = cursor.depth > level
    } else if (cursor.text === '=') isTarget = false
    else if (cursor.text === ',' && cursor.depth === level) isTarget = true
    cursor.advance()
  }
  return targets
}
