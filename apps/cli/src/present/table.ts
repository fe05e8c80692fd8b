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
/** Characters of one cell each, see `displayWidth`: nearly every text is made of these alone. */
const NARROW = /^[\x20-\u02ff]*$/

/** Gives the cells that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  return Array.from(text, displayWidth).reduce((sum: number, width) => sum + width, 0)
}

/**
 * Lays out rows in columns that fit the width: the flexible column gives way, down to eight cells, then optional columns go, and at
 * last the widest one is cut. Empty columns vanish.
 */
export function presentTable(rows: readonly (readonly Cell[])[], options: TableOptions): string {
  const indent = options.indent ?? 2
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => textWidth(row[column]?.text ?? ''))),
  )
  const fitting = fit(widths, { ...options, flexible: options.flexible ?? columns - 1 }, indent)
  return rows.map((row) => presentRow(row, fitting, indent)).join('\n')
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
  const cells = row.flatMap((cell, column) => {
    const width = widths[column] ?? 0
    return width === 0 ? [] : [{ ...cell, text: cut(cell.text, width), width }]
  })
  const last = cells.findLastIndex(({ text }) => text !== '')
  const texts = cells.slice(0, last + 1).map(({ text, paint, align, width }, index) => {
    const space = ' '.repeat(Math.max(0, width - textWidth(text)))
    const painted = text === '' || paint === undefined ? text : paint(text)
    if (align === 'right') return space + painted
    return index === last ? painted : painted + space
  })
  return ' '.repeat(indent) + texts.join(' '.repeat(GAP))
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
