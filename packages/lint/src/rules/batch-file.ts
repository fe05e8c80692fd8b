import { tokens } from '@tidemark/core'
import { primaryKey, type TableView } from '../catalog/catalog-view.ts'
import { shownName, shownRelation } from '../catalog/names.ts'
import type { RowChange } from './row-changes.ts'

/**
 * Writes a change of many rows as a file in batches of the first column of the primary key, in which it has the
 * bounds of a batch beside its own condition. Undefined where there is none: without a key, where rows move to
 * another key, and where a cursor says which row it is.
 */
export function toBatchFile(change: RowChange, table: TableView): string | undefined {
  const { verb, where, alias = change.table?.name ?? table.name, joins, sets, text } = change
  const [key] = primaryKey(table)
  const isByCursor = where !== undefined && 'CurrentOfExpr' in where
  if (key === undefined || verb === 'MERGE' || isByCursor || sets.includes(key)) return undefined
  const column = joins ? `${shownName(alias)}.${shownName(key)}` : shownName(key)
  const sql = withCondition(text, `${column} BETWEEN $1 AND $2`)
  const end = listOutside(sql).at(-1)?.word === ';' ? '' : ';'
  return `-- Batches: ${shownRelation(table)} by ${shownName(key)}\n-- @up\n${sql}${end}`
}

/** Adds a condition to that of a statement, outside of all parentheses. */
function withCondition(text: string, condition: string): string {
  const words = listOutside(text)
  const where = words.find(({ word }) => word === 'where')
  const [last] = words.filter(({ word }) => word === 'returning' || word === ';')
  const code = words.filter(({ end }) => last === undefined || end <= last.start)
  const end = code.at(-1)?.end ?? text.length
  if (where === undefined) return `${text.slice(0, end)} WHERE ${condition}${text.slice(end)}`
  const own = text.slice(where.end, end).trim()
  return `${text.slice(0, where.end)} ${condition} AND (${own})${text.slice(end)}`
}

/** What of a statement is no comment; what is in parentheses is left out. */
function listOutside(text: string) {
  const found: { word: string; start: number; end: number }[] = []
  let depth = 0
  for (const { kind, start, end } of tokens(text)) {
    if (kind === 'line_comment' || kind === 'block_comment') continue
    if (kind === 'close') depth -= 1
    if (depth === 0) found.push({ word: text.slice(start, end).toLowerCase(), start, end })
    if (kind === 'open') depth += 1
  }
  return found
}
