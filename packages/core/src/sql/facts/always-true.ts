import type { TokenCursor } from './token-cursor.ts'

/** Words of a condition that name no column and can make it true. */
const CONSTANT = new Set(['true', 'and', 'is', 'distinct', 'from', 'in', 'between', 'like'])

/**
 * Tells whether a condition is true for every row, as far as its text shows: `true`, `1 = 1`, `id = id`, also
 * as one side of an OR.
 *
 * @param cursor at the first token of the condition, over nothing else.
 */
export function isAlwaysTrue(cursor: TokenCursor): boolean {
  let part: string[] = []
  while (!cursor.is('semicolon')) {
    if (cursor.depth === 0 && cursor.isWord('or')) {
      if (isTrue(part)) return true
      part = []
    } else part.push(cursor.isName() ? (cursor.word === '' ? cursor.text : `\0${cursor.word}`) : cursor.text)
    cursor.advance()
  }
  return isTrue(part)
}

/** A word is written with `\0` before it. */
function isTrue(tokens: readonly string[]): boolean {
  const inner = tokens.filter((token) => token !== '(' && token !== ')')
  if (inner.length === 0) return false
  const middle = (inner.length - 1) / 2
  const [left, right] = [inner.slice(0, middle), inner.slice(middle + 1)]
  if (inner[middle] === '=' && left.join(' ') === right.join(' ')) return true
  return inner.every((token) =>
    token.startsWith('\0') ? CONSTANT.has(token.slice(1)) : !token.startsWith('"'),
  )
}
