import type { Span } from '../text/span.ts'
import { isLineBreak } from './char-class.ts'
import { afterBreak } from './copy-data.ts'
import type { LooseMarker } from './statement.ts'

/** A comment `-- @name` by itself, before the scanner knows where it stands. */
export interface MarkerLine extends Span {
  readonly name: string
  readonly line: Span
}

// A name is short: the bound keeps the look at a comment cheap however long the comment is.
const MARKER = /--[ \t]*@([A-Za-z][A-Za-z0-9_-]{0,63})(?![A-Za-z0-9_-])/y

/** Tells whether a line comment at `start` begins with `@`, which few do. */
export function mayBeMarker(text: string, start: number): boolean {
  let at = start + 2
  while (isBlank(text.charCodeAt(at))) at += 1
  return text.charCodeAt(at) === 0x40
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
  const [comment, word = ''] = match
  const span = { start, end: start + comment.length }
  const name = word.toLowerCase()
  const lineStart = startOfBlanks(text, start)
  if (lineStart > 0 && !isLineBreak(text.charCodeAt(lineStart - 1))) {
    return { kind: 'loose', marker: { ...span, name, reason: 'code_before' } }
  }
  if (text.slice(span.end, end).trim() !== '') {
    return { kind: 'loose', marker: { ...span, name, reason: 'text_after' } }
  }
  return { kind: 'marker', marker: { ...span, name, line: { start: lineStart, end: afterBreak(text, end) } } }
}

function startOfBlanks(text: string, from: number): number {
  let at = from
  while (at > 0 && isBlank(text.charCodeAt(at - 1))) at -= 1
  return at
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9
}
