import { stripVTControlCharacters } from 'node:util'
import { textWidth } from './table.ts'

/**
 * Breaks lines that are too wide between words. What follows hangs under the last column of the line, where
 * two spaces or more begin it, else under its indent, behind a mark such as `·`; a word that is wider than the
 * place stays whole.
 *
 * @example wrapText('  up    apply everything that is pending', 24) // '  up    apply everything\n        that is pending'
 */
export function wrapText(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY) return text
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n')
}

const LEAST = 12

/** Colours take no column. */
function shownWidth(text: string): number {
  return textWidth(stripVTControlCharacters(text))
}

function wrapLine(line: string, width: number): string {
  if (shownWidth(line) <= width) return line
  const lead = leadOf(line, width)
  const lines: string[] = []
  let current = lead
  for (const [, gap = '', word = ''] of line
    .slice(lead.length)
    .trim()
    .matchAll(/( *)(\S+)/g)) {
    const isEmpty = current === lead || current.trim() === ''
    if (!isEmpty && shownWidth(current) + gap.length + shownWidth(word) > width) {
      lines.push(current)
      current = `${' '.repeat(shownWidth(lead))}${word}`
    } else current += gap + word
  }
  return [...lines, current].join('\n')
}

/**
 * What stays before the text: the first column with its gap where every word has room after it, else the
 * indent and a mark.
 */
function leadOf(line: string, width: number): string {
  const column = /^ *\S+(?: \S+)* {2,}/.exec(line)?.[0]
  if (column !== undefined) {
    const words = line.slice(column.length).split(/ +/)
    const widest = Math.max(LEAST, ...words.map(shownWidth))
    if (shownWidth(column) + widest <= width) return column
  }
  return /^ *(?:[·!✓✗] )?/.exec(line)?.[0] ?? ''
}

const WIDEST = 100
const PIPED = 80

/**
 * The width for running text: lines of more than a hundred columns are hard to read, and a pipe has no width.
 */
export function readableWidth(width: number): number {
  return width === Number.POSITIVE_INFINITY ? PIPED : Math.min(width, WIDEST)
}
