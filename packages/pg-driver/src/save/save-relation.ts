import { quoteIdentifier, type StepArchive } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { type ArchiveItem, END_OF_ROWS, formatItem } from './archive-item.ts'
import type { Relation } from './read-relations.ts'
import { readColumns, readDefinition, readSequences } from './table-definition.ts'

/** What {@link saveRelation} has written. */
export interface SavedRelation {
  readonly rows: number
  /** The oids of sequences that were saved with it. */
  readonly sequences: readonly string[]
}

/** Writes a relation into an archive: its rows, and the SQL that makes it again. */
export async function saveRelation(
  connection: Connection,
  archive: StepArchive,
  relation: Relation,
): Promise<SavedRelation> {
  const { oid, kind, schema, name } = relation
  const write = (item: ArchiveItem) => archive.write(formatItem(item))
  const columns = WITH_ROWS.has(kind) || kind === 'p' ? await readColumns(connection, oid) : []
  await write({ item: 'relation', schema, name, columns })
  const { requires, create, complete, link } = await readDefinition(connection, oid)
  for (const requirement of requires) await write({ item: 'requirement', ...requirement })
  for (const sql of create) await write({ item: 'statement', phase: 'create', sql })
  let rows = 0
  if (WITH_ROWS.has(kind)) {
    await write({ item: 'rows' })
    rows = await connection.copyOut(copyStatement(relation, columns), (data) => archive.write(data))
    await archive.write(`${END_OF_ROWS}\n`)
  }
  for (const sql of complete) await write({ item: 'statement', phase: 'complete', sql })
  const sequences = await readSequences(connection, oid)
  for (const state of sequences) await write({ item: 'sequence', ...state })
  for (const sql of link) await write({ item: 'statement', phase: 'link', sql })
  return { rows, sequences: sequences.map((state) => state.oid) }
}

const WITH_ROWS: ReadonlySet<string> = new Set(['r', 'f'])

/** Writes the name of a relation in full. */
export function nameOf({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return [schema, name].map(quoteIdentifier).join('.')
}

function copyStatement(
  relation: Relation,
  columns: readonly { readonly name: string; readonly generated: boolean }[],
): string {
  const table = nameOf(relation)
  const names = columns.filter(({ generated }) => !generated).map(({ name }) => quoteIdentifier(name))
  const list = names.join(', ')
  if (relation.kind === 'f') return `COPY (SELECT ${list} FROM ${table}) TO STDOUT`
  return names.length === 0 ? `COPY ${table} TO STDOUT` : `COPY ${table} (${list}) TO STDOUT`
}
