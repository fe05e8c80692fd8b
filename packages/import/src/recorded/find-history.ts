import { formatRelationName, type RelationName } from '@tidemark/core'
import { findColumns, readTableWrite, type TableColumns } from './history-write.ts'
import { KNOWN_HISTORIES, type KnownHistory } from './known-histories.ts'
import type { RecordedStatement } from './recorded-statement.ts'

/** The table that says where a migration ends. */
export interface RecordedHistory extends RelationName {
  readonly known: KnownHistory
  /** All columns of the table, in their order. */
  readonly columns: readonly string[]
}

/** What the writes of a recording say about the tool's table. */
export type FoundHistory =
  | { readonly kind: 'found'; readonly history: RecordedHistory }
  /** No known table, or not the one that was named, was written to; these were. */
  | { readonly kind: 'none'; readonly written: readonly string[] }
  /** The table that was named was written to, but no statement says with a literal what was written. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'several'; readonly names: readonly string[] }

/** The tables that are written to, and the one that is the history. */
export interface FindHistoryOptions {
  /** `name` or `schema.name`; undefined: one of the known tables. */
  readonly named: string | undefined
  /** The tables of the scratch database. */
  readonly tables: readonly TableColumns[]
}

interface Written {
  readonly table: RelationName
  /** Those that got a literal. */
  readonly columns: Set<string>
  /** Those that got one by an UPDATE. */
  readonly updated: Set<string>
}

/** Finds the history table among the tables that were written to. */
export function findHistory(
  statements: readonly RecordedStatement[],
  { named, tables }: FindHistoryOptions,
): FoundHistory {
  const written = listWritten(statements, tables)
  const found = [...written].flatMap(
    ([name, { table, columns, updated }]): readonly (readonly [string, RecordedHistory])[] => {
      if (columns.size === 0) return []
      const known = findKnown(table, columns)
      const all = findColumns(tables, table)
      if (named === undefined) return known === undefined ? [] : [[name, { ...table, known, columns: all }]]
      if (!isNamed(table, named)) return []
      return [[name, { ...table, known: known ?? unknownHistory(table, columns, updated), columns: all }]]
    },
  )
  const [first, second] = found
  if (first === undefined) {
    const isWritten = [...written.values()].some(({ table }) => named !== undefined && isNamed(table, named))
    return isWritten ? { kind: 'unreadable' } : { kind: 'none', written: [...written.keys()] }
  }
  if (second !== undefined) return { kind: 'several', names: found.map(([name]) => name) }
  return { kind: 'found', history: first[1] }
}

function listWritten(
  statements: readonly RecordedStatement[],
  tables: readonly TableColumns[],
): ReadonlyMap<string, Written> {
  const written = new Map<string, Written>()
  for (const statement of statements) {
    const write = readTableWrite(statement, tables)
    if (write === undefined || write.kind === 'delete') continue
    const name = formatRelationName(write.table)
    const one = written.get(name) ?? { table: write.table, columns: new Set(), updated: new Set() }
    for (const column of write.rows.flatMap((row) => [...row.keys()])) {
      one.columns.add(column)
      if (write.kind === 'update') one.updated.add(column)
    }
    written.set(name, one)
  }
  return written
}

function findKnown({ name }: RelationName, columns: ReadonlySet<string>): KnownHistory | undefined {
  return KNOWN_HISTORIES.find(
    ({ table, key }) => table === name && key.every((column) => columns.has(column)),
  )
}

function isNamed({ schema, name }: RelationName, named: string): boolean {
  const given = named.replaceAll('"', '')
  return (
    given === name ||
    given.toLowerCase() === name ||
    given === `${schema}.${name}` ||
    (schema === undefined && given.endsWith(`.${name}`))
  )
}

/** Columns that most often name a migration, the likeliest first. */
const NAMES = ['name', 'migration_name', 'migration', 'filename', 'file', 'script', 'version', 'id']

function unknownHistory(
  { name }: RelationName,
  columns: ReadonlySet<string>,
  updated: ReadonlySet<string>,
): KnownHistory {
  const column = NAMES.find((one) => columns.has(one)) ?? [...columns][0] ?? ''
  const known = { title: `the tool of "${name}"`, table: name, key: [column] }
  return updated.has(column) ? { ...known, rows: 'updated' } : known
}
