import { formatRelationName, type RelationName } from '@tidemark/core'
import { readTableWrite } from './history-write.ts'
import { KNOWN_HISTORIES, type KnownHistory } from './known-histories.ts'
import type { RecordedStatement } from './recorded-statement.ts'

/** The table that says where a migration ends. */
export interface RecordedHistory extends RelationName {
  readonly known: KnownHistory
}

/** What the writes of a recording say about the tool's table. */
export type FoundHistory =
  | { readonly kind: 'found'; readonly history: RecordedHistory }
  /** No known table, or not the one that was named, was written to; these were. */
  | { readonly kind: 'none'; readonly written: readonly string[] }
  | { readonly kind: 'several'; readonly names: readonly string[] }

/**
 * Finds the history table among the tables that were written to.
 *
 * @param named `name` or `schema.name`; undefined: one of the known tables.
 */
export function findHistory(
  statements: readonly RecordedStatement[],
  named: string | undefined,
): FoundHistory {
  const written = new Map<string, { readonly table: RelationName; readonly columns: ReadonlySet<string> }>()
  for (const statement of statements) {
    const write = readTableWrite(statement)
    if (write === undefined || write.kind === 'delete') continue
    const columns = new Set(write.rows.flatMap((row) => [...row.keys()]))
    if (columns.size > 0) written.set(formatRelationName(write.table), { table: write.table, columns })
  }
  const found = [...written].flatMap(
    ([name, { table, columns }]): readonly (readonly [string, RecordedHistory])[] => {
      const known = findKnown(table, columns)
      if (named === undefined) return known === undefined ? [] : [[name, { ...table, known }]]
      return isNamed(table, named)
        ? [[name, { ...table, known: known ?? unknownHistory(table, columns) }]]
        : []
    },
  )
  const [first, second] = found
  if (first === undefined) return { kind: 'none', written: [...written.keys()] }
  if (second !== undefined) return { kind: 'several', names: found.map(([name]) => name) }
  return { kind: 'found', history: first[1] }
}

function findKnown({ name }: RelationName, columns: ReadonlySet<string>): KnownHistory | undefined {
  return KNOWN_HISTORIES.find(
    ({ table, key }) => table === name && key.every((column) => columns.has(column)),
  )
}

function isNamed({ schema, name }: RelationName, named: string): boolean {
  const given = named.replaceAll('"', '')
  return (
    given === name || given === `${schema}.${name}` || (schema === undefined && given.endsWith(`.${name}`))
  )
}

/** Columns that most often name a migration, the likeliest first. */
const NAMES = ['name', 'migration_name', 'migration', 'filename', 'file', 'script', 'version', 'id']

function unknownHistory({ name }: RelationName, columns: ReadonlySet<string>): KnownHistory {
  const column = NAMES.find((one) => columns.has(one)) ?? [...columns][0] ?? ''
  return { title: `the tool of "${name}"`, table: name, key: [column] }
}
