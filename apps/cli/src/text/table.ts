import { displayWidth } from '@tidemark/core'

/** One cell: its text, and how to colour it once its width is known. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
  readonly align?: 'left' | 'right'
}

/** How {@link presentTable} lays out. */
export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number
  /** Spaces before each row. Default 2. */
  readonly indent?: number
  /** The column that is cut with `…` when a row is too wide. Default the last one. */
  readonly flexible?: number
  /** Columns that are left out, the first named first, when that is not enough. */
  readonly optional?: readonly number[]
}

const GAP = 2
const LEAST = 8
/**
 * Characters of one cell each, see `displayWidth`, marks such as ✓ among them: nearly every text is made of
 * these alone.
 */
const NARROW = /^[\x20-\u02ff\u2010-\u2027\u2190-\u2bff]*$/

/** Gives the cells that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  return Array.from(text, displayWidth).reduce((sum: number, width) => sum + width, 0)
}

/**
 * Lays out rows in columns that fit the width: the flexible column gives way, down to eight cells, then
 * optional columns go, and at last the widest one is cut. Empty columns vanish.
 */
export function presentTable(rows: readonly (readonly Cell[])[], options: TableOptions): string {
  const indent = options.indent ?? 2
  const widths = naturalWidths(rows)
  const fitting = fit(widths, { ...options, flexible: options.flexible ?? widths.length - 1 }, indent)
  return rows.map((row) => presentRow(row, fitting, indent)).join('\n')
}

function naturalWidths(rows: readonly (readonly Cell[])[]): readonly number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (let column = 0; column < row.length; column += 1) {
      widths[column] = Math.max(widths[column] ?? 0, textWidth(row[column]?.text ?? ''))
    }
  }
  return widths
}

function fit(
  natural: readonly number[],
  { width, flexible, optional = [] }: TableOptions & { readonly flexible: number },
  indent: number,
): readonly number[] {
  const full = [...natural]
  const leaveOut = [...optional]
  for (;;) {
    const widths = narrow(full, flexible, excessOf(full, indent, width))
    const excess = excessOf(widths, indent, width)
    if (excess <= 0) return widths
    const next = leaveOut.shift()
    if (next === undefined) return narrow(widths, widths.indexOf(Math.max(...widths)), excess, 1)
    full[next] = 0
  }
}

function excessOf(widths: readonly number[], indent: number, width: number): number {
  const used = widths.filter((one) => one > 0)
  return indent + used.reduce((sum, one) => sum + one, 0) + GAP * Math.max(0, used.length - 1) - width
}

function narrow(widths: readonly number[], column: number, excess: number, least = LEAST): readonly number[] {
  if (excess <= 0) return widths
  return widths.map((width, place) =>
    place === column ? Math.min(width, Math.max(least, width - excess)) : width,
  )
}

function presentRow(row: readonly Cell[], widths: readonly number[], indent: number): string {
  const isShown = (column: number) => (widths[column] ?? 0) > 0
  const last = row.findLastIndex(({ text }, column) => text !== '' && isShown(column))
  let line = ' '.repeat(indent)
  let gap = ''
  for (let column = 0; column <= last; column += 1) {
    const cell = row[column]
    if (cell === undefined || !isShown(column)) continue
    line += gap + presentCell(cell, widths[column] ?? 0, column === last ? 'last' : 'inner')
    gap = ' '.repeat(GAP)
  }
  return line
}

function presentCell({ text, paint, align }: Cell, width: number, place: 'inner' | 'last'): string {
  const natural = textWidth(text)
  const shown = natural <= width ? text : cut(text, width)
  const painted = shown === '' || paint === undefined ? shown : paint(shown)
  const space = ' '.repeat(Math.max(0, width - (natural <= width ? natural : textWidth(shown))))
  if (align === 'right') return space + painted
  return place === 'last' ? painted : painted + space
}

/** Cuts a text to a number of cells, with `…` at the end. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let result = ''
  let used = 0
  for (const character of text) {
    used += displayWidth(character)
    if (used > width - 1) break
    result += character
  }
  return `${result}…`
}
