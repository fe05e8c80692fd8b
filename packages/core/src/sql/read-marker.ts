import type { Span } from '../text/span.ts'
import { isLineBreak, isSpace } from './char-class.ts'
import { afterBreak } from './copy-data.ts'
import type { LooseMarker } from './statement.ts'

/** A comment `-- @name` by itself, before the scanner knows what surrounds it. */
export interface MarkerLine extends Span {
  readonly name: string
  readonly line: Span
}

// A name is short: the bound keeps the look at a comment cheap however long the comment is.
const MARKER = /--([-\s]*)@(\s*)([A-Za-z][A-Za-z0-9_-]{0,63})(?![A-Za-z0-9_-])/y

/** Tells whether a line comment at `start` begins with `@`, which few do. */
export function mayBeMarker(text: string, start: number): boolean {
  let at = start + 2
  for (let unit = text.charCodeAt(at); unit !== 0x40; unit = text.charCodeAt(at)) {
    if (unit !== 0x2d && !isBlank(unit)) return false
    at += 1
  }
  return true
}

/** Reads the line comment from `start` to `end` as a marker, or as something that only looks like one. */
export function readMarker(
  text: string,
  start: number,
  end: number,
): { kind: 'marker'; marker: MarkerLine } | { kind: 'loose'; marker: LooseMarker } | undefined {
  MARKER.lastIndex = start
  const match = MARKER.exec(text)
  if (match === null) return undefined
  const [comment, before = '', behind, word = ''] = match
  if (comment.includes('\n') || comment.includes('\r')) return undefined
  const span = { start, end: start + comment.length }
  const name = word.toLowerCase()
  const isAlone = text.slice(span.end, end).trim() === ''
  if (behind !== '' || before.includes('-')) {
    return isAlone ? { kind: 'loose', marker: { ...span, name, reason: 'misspelt' } } : undefined
  }
  const lineStart = startOfBlanks(text, start)
  if (lineStart > 0 && !isLineBreak(text.charCodeAt(lineStart - 1))) {
    return { kind: 'loose', marker: { ...span, name, reason: 'code_before' } }
  }
  if (!isAlone) {
    return { kind: 'loose', marker: { ...span, name, reason: 'text_after' } }
  }
  return { kind: 'marker', marker: { ...span, name, line: { start: lineStart, end: afterBreak(text, end) } } }
}

/** Before the comment only what PostgreSQL takes for white space is blank. */
function startOfBlanks(text: string, from: number): number {
  let at = from
  while (at > 0 && isSpace(text.charCodeAt(at - 1)) && !isLineBreak(text.charCodeAt(at - 1))) at -= 1
  return at
}

/** In a comment a no-break space, which copying from a web page brings along, is as blank as any other. */
function isBlank(unit: number): boolean {
  return unit < 0x80 ? isSpace(unit) && !isLineBreak(unit) : /\s/.test(String.fromCharCode(unit))
}
