import { TidemarkError } from '@tidemark/core'
import type { BackupEntry, BackupManifest } from './backup-manifest.ts'
import { quoteTable, type SavedTable, type TableState } from './find-tables.ts'

/** What a restore does with one dump: makes the tables, or fills those that are there and empty. */
export interface RestoreStep {
  readonly entry: BackupEntry
  readonly manner: 'create' | 'fill'
}

/**
 * Decides how a backup is brought back, the last dump first. Of a table that was saved twice the older dump counts. A table that
 * is there is only filled, and only when it is empty and has the columns that were saved: nothing is overwritten.
 *
 * @throws TidemarkError TM6007 with every table that has changed since.
 */
export function planRestore(manifest: BackupManifest, states: readonly TableState[]): readonly RestoreStep[] {
  const byName = new Map(states.map((state) => [quoteTable(state.table), state]))
  const entries = dropLaterCopies(manifest.entries)
  const problems = entries.flatMap((entry) => findProblems(entry, byName))
  if (problems.length > 0) throw changed(manifest, problems)
  return [...entries].reverse().map((entry) => ({ entry, manner: mannerOf(entry, byName) }))
}

type States = ReadonlyMap<string, TableState>

/** What was saved already is not saved better by a later dump. */
function dropLaterCopies(entries: readonly BackupEntry[]): readonly BackupEntry[] {
  const seen = new Set<string>()
  return entries.filter(({ tables }) => {
    const isNews = tables.some((table) => !seen.has(quoteTable(table)))
    for (const table of tables) seen.add(quoteTable(table))
    return isNews
  })
}

function findProblems({ tables, file }: BackupEntry, states: States): readonly string[] {
  const problems = tables.flatMap((table) => findProblem(table, states.get(quoteTable(table))))
  if (problems.length > 0) return problems
  const there = tables.filter((table) => isThere(table, states))
  if (there.length === 0 || there.length === tables.length) return []
  const names = there.map(nameTable).join(', ')
  return [`${names} of ${file} ${there.length === 1 ? 'is' : 'are'} there already, the others are not`]
}

function findProblem(table: SavedTable, state: TableState | undefined): readonly string[] {
  if (state?.columns == null) return []
  const name = nameTable(table)
  const missing = table.columns.filter((column) => state.columns?.includes(column) === false)
  const added = state.columns.filter((column) => !table.columns.includes(column))
  if (missing.length > 0 || added.length > 0) {
    const facts = [
      missing.length === 0 ? '' : `without ${missing.join(', ')}`,
      added.length === 0 ? '' : `with ${added.join(', ')}`,
    ]
    return [`${name} has other columns now: ${facts.filter((fact) => fact !== '').join('; ')}`]
  }
  return state.isEmpty ? [] : [`${name} has rows`]
}

function isThere(table: SavedTable, states: States): boolean {
  return states.get(quoteTable(table))?.columns != null
}

function mannerOf({ tables }: BackupEntry, states: States): RestoreStep['manner'] {
  return tables.some((table) => isThere(table, states)) ? 'fill' : 'create'
}

function nameTable({ schema, name }: SavedTable): string {
  return `"${schema}.${name}"`
}

function changed({ runId, entries }: BackupManifest, problems: readonly string[]): TidemarkError {
  const file = entries[0]?.file ?? 'FILE'
  return new TidemarkError({
    code: 'TM6007',
    message: `the backup of the run "${runId}" cannot be restored over the existing tables: ${problems.join('; ')}`,
    help: `nothing was changed; to restore rows by hand, start with pg_restore --data-only --file=rows.sql ${file}`,
    details: { problems, applied: [] },
  })
}
