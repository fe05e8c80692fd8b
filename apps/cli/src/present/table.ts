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
}

const GAP = 2
/** Characters of one cell each, see `displayWidth`: nearly every text is made of these alone. */
const NARROW = /^[\x20-\u02ff]*$/

/** Gives the cells that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  return Array.from(text, displayWidth).reduce((sum: number, width) => sum + width, 0)
}

/** Lays out rows in columns that fit the width: the flexible column gives way, down to eight cells. Empty columns vanish. */
export function presentTable(rows: readonly (readonly Cell[])[], options: TableOptions): string {
  const indent = options.indent ?? 2
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[column]?.text ?? '')), 0),
  )
  const used = widths.filter((width) => width > 0)
  const total = indent + used.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, used.length - 1)
  const flexible = options.flexible ?? columns - 1
  if (total > options.width) {
    widths[flexible] = Math.max(8, (widths[flexible] ?? 0) - (total - options.width))
  }
  return rows.map((row) => presentRow(row, widths, indent)).join('\n')
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
