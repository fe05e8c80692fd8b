import type { Span } from '../text/span.ts'
import { isLineBreak } from './char-class.ts'
import { type CsvFormat, CsvQuotes } from './csv-quotes.ts'

/** Where the inline data of a COPY lies; `closed` is false when no `\.` line ends it. */
export interface CopyData {
  readonly data: Span
  /** After the `\.` line, its line break included. */
  readonly end: number
  readonly closed: boolean
}

/**
 * Finds the data that begins at the start of a line and ends before a line that is exactly `\.`. Inside the
 * quotes of CSV such a line is data: the server takes it so in every version, while psql cuts there.
 */
export function readCopyData(text: string, start: number, format?: CsvFormat): CopyData {
  const quotes = format === undefined ? undefined : new CsvQuotes(format)
  let followed = start
  let at = text.indexOf('\\.', start)
  while (at >= 0) {
    const startsLine = at === start || isLineBreak(text.charCodeAt(at - 1))
    if (startsLine && endsLine(text, at + 2)) {
      quotes?.follow(text, followed, at)
      followed = at
      if (quotes?.isOpen !== true) {
        return { data: { start, end: at }, end: afterBreak(text, at + 2), closed: true }
      }
    }
    at = text.indexOf('\\.', at + 2)
  }
  return { data: { start, end: text.length }, end: text.length, closed: false }
}

/** Gives the offset after a line break at `at`, or `at` itself when there is none. */
export function afterBreak(text: string, at: number): number {
  if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) return at + 2
  return isLineBreak(text.charCodeAt(at)) ? at + 1 : at
}

function endsLine(text: string, at: number): boolean {
  return at >= text.length || isLineBreak(text.charCodeAt(at))
}
