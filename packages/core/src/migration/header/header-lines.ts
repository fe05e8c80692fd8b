import type { Span } from '../../text/span.ts'

/** A comment that is alone on its line, without its `--` and the spaces around its text. */
export interface HeaderLine extends Span {
  /** True when the line is the one right after the line before it in the list. */
  readonly isNext: boolean
}

/**
 * Lists the whole-line comments at the start of a text, up to `end` or the first code. Comments inside a
 * block comment and comments behind something on their line are none. psql lines are passed over: a backslash
 * takes the rest of its line.
 */
export function listHeaderLines(text: string, end: number): HeaderLine[] {
  const lines: HeaderLine[] = []
  let at = 0
  let lineIsBlank = true
  let breaks = 2
  while (at < end) {
    const unit = text.charCodeAt(at)
    if (unit === LF) {
      at += 1
      breaks += 1
      lineIsBlank = true
    } else if (text.startsWith('--', at)) {
      const lineEnd = endOfLine(text, at, end)
      if (lineIsBlank) lines.push({ ...trimmed(text, at + 2, lineEnd), isNext: breaks === 1 })
      breaks = lineIsBlank ? 0 : breaks
      at = lineEnd
    } else if (text.startsWith('/*', at)) {
      at = endOfBlockComment(text, at, end)
      lineIsBlank = false
      breaks = 2
    } else if (isSpace(unit)) at += 1
    else if (unit === BACKSLASH) at = endOfLine(text, at, end)
    else break
  }
  return lines
}

const LF = 10
const BACKSLASH = 92

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13)
}

/** In a comment a no-break space, which copying from a web page brings along, is as blank as any other. */
function isBlank(unit: number): boolean {
  return unit < 0x80 ? isSpace(unit) : /\s/.test(String.fromCharCode(unit))
}

function endOfLine(text: string, start: number, end: number): number {
  const found = text.indexOf('\n', start)
  return found === -1 || found > end ? end : found
}

function trimmed(text: string, start: number, end: number): Span {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return { start: from, end: to }
}

function endOfBlockComment(text: string, start: number, end: number): number {
  let depth = 0
  let at = start
  while (at < end) {
    if (text.startsWith('/*', at)) depth += 1
    else if (text.startsWith('*/', at)) depth -= 1
    else {
      at += 1
      continue
    }
    at += 2
    if (depth === 0) return at
  }
  return end
}
