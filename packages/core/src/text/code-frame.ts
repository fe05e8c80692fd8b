import { displayWidth } from './display-width.ts'
import { LineIndex } from './line-index.ts'
import type { Span } from './span.ts'
import { visibleText } from './visible-text.ts'

/** How {@link codeFrame} draws. */
export interface CodeFrameOptions {
  /**
   * `plain` is `4 | text`, for diagnostics; `marked` is `> 14 │ text`, for a failed statement. Default
   * `plain`.
   */
  readonly look?: 'plain' | 'marked'
  /** Lines to show before the first line of the span. Default 0. */
  readonly linesBefore?: number
  /** Lines to show after it. Default 0. */
  readonly linesAfter?: number
  /**
   * The most cells of code to show of a line; longer lines are cut around the span. Default 100, at least 20.
   */
  readonly maxWidth?: number
  /** The index of the text, when there is one already. */
  readonly lines?: LineIndex
}

/** One line as it is shown, and how much of it was cut off before. */
interface Window {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly cutBefore: boolean
  readonly cutAfter: boolean
}

/**
 * Draws the line of a span with carets under it. Tabs stay tabs, also under the line, so that carets stand
 * right at any tab width; wide characters get two carets; control characters, and what is invisible, are
 * drawn as `�`. Of a span over several lines its first line is shown. No colour, no line break at the end.
 *
 * @example
 * codeFrame('SELECT 1 +;', { start: 10, end: 11 })
 * // 1 | SELECT 1 +;
 * //   |           ^
 */
export function codeFrame(text: string, span: Span, options: CodeFrameOptions = {}): string {
  const lines = options.lines ?? new LineIndex(text)
  const { line } = lines.positionAt(span.start)
  const first = Math.max(1, line - (options.linesBefore ?? 0))
  const last = Math.min(lines.lineCount, line + (options.linesAfter ?? 0))
  const maxWidth = Math.max(20, options.maxWidth ?? 100)
  const gutter = gutterFor(options.look ?? 'plain', String(last).length)
  const rows: string[] = []
  for (let number = first; number <= last; number += 1) {
    const whole = lines.lineSpan(number) ?? { start: 0, end: 0 }
    const focus = number === line ? span : { start: whole.start, end: whole.start }
    const window = cutAround(text, whole, focus, maxWidth)
    rows.push(`${gutter(number, number === line)} ${showWindow(window)}`.trimEnd())
    if (number === line) rows.push(`${gutter(undefined, false)} ${showCarets(window, span)}`)
  }
  return rows.join('\n')
}

function gutterFor(look: 'plain' | 'marked', digits: number) {
  return (line: number | undefined, isMarked: boolean): string => {
    const number = String(line ?? '').padStart(digits)
    return look === 'plain' ? `${number} |` : `${isMarked ? '>' : ' '} ${number} │`
  }
}

/**
 * Cuts a long line to the characters around the span's start; short lines stay whole. Of wide characters
 * fewer fit.
 */
function cutAround(text: string, line: Span, focus: Span, maxWidth: number): Window {
  const window = cutToUnits(text, line, focus, maxWidth)
  let cells = 0
  for (const character of text.slice(window.start, window.end)) cells += displayWidth(character)
  return cells <= maxWidth
    ? window
    : cutToUnits(text, line, focus, Math.floor((maxWidth * (window.end - window.start)) / cells))
}

function cutToUnits(text: string, line: Span, focus: Span, maxWidth: number): Window {
  if (line.end - line.start <= maxWidth) {
    return { text, ...line, cutBefore: false, cutAfter: false }
  }
  const focusStart = Math.min(Math.max(focus.start, line.start), line.end)
  const focusLength = Math.min(Math.max(focus.end - focusStart, 1), maxWidth - 10)
  const lead = Math.floor((maxWidth - focusLength) / 2)
  const wanted = Math.min(Math.max(line.start, focusStart - lead), line.end - maxWidth)
  const start = betweenPairs(text, wanted)
  const end = betweenPairs(text, Math.min(line.end, start + maxWidth))
  return { text, start, end, cutBefore: start > line.start, cutAfter: end < line.end }
}

/** Moves an offset that would split a surrogate pair to the pair's start. */
function betweenPairs(text: string, offset: number): number {
  const isInside = offset > 0 && (text.codePointAt(offset - 1) ?? 0) > 0xffff
  return isInside ? offset - 1 : offset
}

function showWindow({ text, start, end, cutBefore, cutAfter }: Window): string {
  return `${cutBefore ? '…' : ''}${visibleText(text.slice(start, end))}${cutAfter ? '…' : ''}`
}

function showCarets({ text, start, end, cutBefore }: Window, span: Span): string {
  const from = betweenPairs(text, Math.min(Math.max(span.start, start), end))
  const to = Math.min(Math.max(span.end, from), end)
  const indent = Array.from(text.slice(start, from), blankFor).join('')
  const carets = Array.from(text.slice(from, to), caretFor).join('')
  return `${cutBefore ? ' ' : ''}${indent}${carets === '' ? '^' : carets}`
}

function blankFor(character: string): string {
  return character === '\t' ? '\t' : ' '.repeat(displayWidth(visibleText(character)))
}

/** A tab in the span is a caret and the tab, so that what follows is aligned. */
function caretFor(character: string): string {
  return character === '\t' ? '^\t' : '^'.repeat(displayWidth(visibleText(character)))
}
