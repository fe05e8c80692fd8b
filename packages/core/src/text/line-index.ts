import type { SourceFile } from './source-file.ts'
import type { Span } from './span.ts'

/** A place as people name it: 1-based line, and 1-based column in code points. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Finds lines and columns in a text. The lines are looked for once, at the first question; each answer is
 * then a binary search and a walk along one line. A line ends at LF, CRLF or CR.
 *
 * @example new LineIndex('a\n😀b').positionAt(4) // { line: 2, column: 2 }
 */
export class LineIndex {
  readonly text: string
  #starts: readonly number[] | undefined

  constructor(text: string) {
    this.text = text
  }

  /** The number of lines: one more than there are line breaks. */
  get lineCount(): number {
    return this.#lineStarts().length
  }

  /** Gives the position of a UTF-16 offset; offsets outside of the text are taken to its nearest end. */
  positionAt(offset: number): Position {
    const inside = Math.max(0, Math.min(offset, this.text.length))
    const line = this.#lineAt(inside)
    const column = countCodePoints(this.text, this.#lineStarts()[line] ?? 0, inside) + 1
    return { line: line + 1, column }
  }

  /** Gives the range of a 1-based line without its line break; undefined when there is no such line. */
  lineSpan(line: number): Span | undefined {
    const starts = this.#lineStarts()
    const start = starts[line - 1]
    if (start === undefined) return undefined
    return { start, end: withoutBreak(this.text, start, starts[line] ?? this.text.length) }
  }

  #lineStarts(): readonly number[] {
    this.#starts ??= listLineStarts(this.text)
    return this.#starts
  }

  /** Finds the last line that starts at or before the offset, counted from 0. */
  #lineAt(offset: number): number {
    const starts = this.#lineStarts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

const indexes = new WeakMap<SourceFile, LineIndex>()

/**
 * Gives line and column of an offset in a file. The index of a file is kept as long as the file is.
 *
 * @example lineAndColumn({ path: 'a.sql', text: 'SELECT\n 1' }, 8) // { line: 2, column: 2 }
 */
export function lineAndColumn(source: SourceFile, offset: number): Position {
  return lineIndexOf(source).positionAt(offset)
}

/** Gives the line index of a file, the same one each time. */
export function lineIndexOf(source: SourceFile): LineIndex {
  const known = indexes.get(source)
  if (known !== undefined) return known
  const made = new LineIndex(source.text)
  indexes.set(source, made)
  return made
}

function listLineStarts(text: string): readonly number[] {
  const starts = [0]
  const hasCarriageReturns = text.includes('\r')
  let at = hasCarriageReturns ? nextBreak(text, 0) : text.indexOf('\n')
  while (at >= 0) {
    const isPair = text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10
    const next = at + (isPair ? 2 : 1)
    starts.push(next)
    at = hasCarriageReturns ? nextBreak(text, next) : text.indexOf('\n', next)
  }
  return starts
}

function nextBreak(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === 10 || unit === 13) return at
  }
  return -1
}

function withoutBreak(text: string, start: number, next: number): number {
  let end = next
  if (end > start && text.charCodeAt(end - 1) === 10) end -= 1
  if (end > start && text.charCodeAt(end - 1) === 13) end -= 1
  return end
}

/**
 * Counts the code points that begin in a range; a pair that the range's end would split counts for what
 * follows.
 */
function countCodePoints(text: string, start: number, end: number): number {
  let count = 0
  let at = start
  while (at < end) {
    const step = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
    if (at + step > end) break
    at += step
    count += 1
  }
  return count
}
