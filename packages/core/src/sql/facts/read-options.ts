import type { TokenCursor } from './token-cursor.ts'

const OFF = new Set(['false', 'off', '0', 'no', "'false'", "'off'", "'0'", "'no'"])

/**
 * Takes `(name = value, name value, name)`, when one begins here, and gives its options in lower case:
 * false when the value is one of PostgreSQL's words for off, true for every other value and for none.
 */
export function readOptions(cursor: TokenCursor): ReadonlyMap<string, boolean> {
  const options = new Map<string, boolean>()
  if (!cursor.is('open')) return options
  const level = cursor.depth
  cursor.advance()
  while (!cursor.atEnd && !(cursor.is('close') && cursor.depth === level)) {
    const name = cursor.readPart()
    if (name === undefined) cursor.advance()
    else {
      cursor.acceptText('=')
      options.set(name.toLowerCase(), !OFF.has(cursor.text.toLowerCase()))
      if (!cursor.is('close') && cursor.text !== ',') cursor.advance()
    }
  }
  cursor.advance()
  return options
}

/** Goes on to the `WITH (…)` of a command and takes its options. */
export function readWithOptions(cursor: TokenCursor): ReadonlyMap<string, boolean> {
  if (cursor.skipTo('with')) cursor.advance()
  return readOptions(cursor)
}
