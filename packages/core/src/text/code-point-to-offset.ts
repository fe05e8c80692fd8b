/**
 * Turns a position as PostgreSQL reports it (code points, counted from 1) into a UTF-16 offset.
 * Positions beyond the text give its length; those below 1 give 0.
 *
 * @example codePointToOffset('😀x', 2) // 2
 */
export function codePointToOffset(text: string, position: number): number {
  let at = 0
  for (let left = position - 1; left > 0 && at < text.length; left -= 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  }
  return at
}
