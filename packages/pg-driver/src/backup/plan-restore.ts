import { TidemarkError } from '@tidemark/core'
import type { BackupEntry, BackupManifest } from './backup-manifest.ts'
import { quoteTable, type SavedTable, type TableState } from './table-state.ts'

/**
 * What a restore does with tables of one archive: makes them, or adds what is missing to those that are
 * there.
 */
export interface RestoreStep {
  readonly entry: BackupEntry
  readonly manner: 'create' | 'fill'
  readonly tables: readonly SavedTable[]
}

/** An archive as it was read. */
export interface ReadEntry {
  readonly entry: BackupEntry
  readonly tables: readonly SavedTable[]
}

/**
 * Decides how a backup is brought back, the last archive first. Of a table that was saved twice the older
 * archive counts. A table that is there gets the rows that are missing, and only when it has the saved
 * columns and no other rows: nothing is overwritten.
 *
 * @throws TidemarkError TM6007 with every table that has changed since.
 */
export function planRestore(
  runId: string,
  entries: readonly ReadEntry[],
  states: readonly TableState[],
): readonly RestoreStep[] {
  const byName = new Map(states.map((state) => [quoteTable(state.table), state]))
  const kept = dropLaterCopies(entries)
  const problems = kept.flatMap(({ tables }) =>
    tables.flatMap((table) => findProblem(table, byName.get(quoteTable(table)))),
  )
  if (problems.length > 0) throw changed(runId, problems)
  const isThere = (table: SavedTable) => byName.get(quoteTable(table))?.columns != null
  return [...kept].reverse().flatMap(({ entry, tables }) => [
    ...stepOf(
      entry,
      'create',
      tables.filter((table) => !isThere(table)),
    ),
    ...stepOf(entry, 'fill', tables.filter(isThere)),
  ])
}

function stepOf(
  entry: BackupEntry,
  manner: RestoreStep['manner'],
  tables: readonly SavedTable[],
): readonly RestoreStep[] {
  return tables.length === 0 ? [] : [{ entry, manner, tables }]
}

/** What was saved already is not saved better by a later archive. */
export function dropLaterCopies(entries: readonly ReadEntry[]): readonly ReadEntry[] {
  const seen = new Set<string>()
  return entries.map(({ entry, tables }) => {
    const news = tables.filter((table) => !seen.has(quoteTable(table)))
    for (const table of news) seen.add(quoteTable(table))
    return { entry, tables: news }
  })
}

function findProblem(table: SavedTable, state: TableState | undefined): readonly string[] {
  if (state?.columns == null) return []
  const name = `"${table.schema}.${table.name}"`
  const missing = table.columns.filter((column) => state.columns?.includes(column) === false)
  const added = state.columns.filter((column) => !table.columns.includes(column))
  if (missing.length > 0 || added.length > 0) {
    const facts = [
      missing.length === 0 ? '' : `without ${missing.join(', ')}`,
      added.length === 0 ? '' : `with ${added.join(', ')}`,
    ]
    return [`${name} has other columns now: ${facts.filter((fact) => fact !== '').join('; ')}`]
  }
  return state.rows === 'others' ? [`${name} has rows`] : []
}

function changed(runId: BackupManifest['runId'], problems: readonly string[]): TidemarkError {
  return new TidemarkError({
    code: 'TM6007',
    message: `the backup of the run "${runId}" cannot be restored over the existing tables: ${problems.join('; ')}`,
    help: `nothing was changed; rename the table that is there and run it again, or take the rows out of the archive by hand with gunzip`,
    details: { problems, applied: [] },
  })
}
