import { type Diagnostic, tokens } from '@tidemark/core'
import { needsReview } from '../foreign/findings.ts'
import type { ForeignMigration } from '../foreign/foreign-project.ts'
import type { HistoryTable } from '../history/history.ts'

/**
 * Reports SQL that names the other tool's own table (grants on it, policies): a new database will not have
 * it.
 */
export function findTableUse(table: HistoryTable, { up }: ForeignMigration): readonly Diagnostic[] {
  const { source, span } = up
  if (!source.text.toLowerCase().includes(table.name)) return []
  for (const { kind, start, end } of tokens(source.text, span)) {
    const word = source.text.slice(start, end)
    const isName = kind === 'word' ? word.toLowerCase() === table.name : word === `"${table.name}"`
    if (!isName) continue
    const message = `it names "${table.name}", the other tool's own table, which a new database will not have`
    const help = 'remove the statement, or create the table before it'
    return [needsReview(source, { start, end }, message, help)]
  }
  return []
}
