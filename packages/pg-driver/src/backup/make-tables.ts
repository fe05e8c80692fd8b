import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { quoteParameter } from '../statement/inline-parameters.ts'
import type { OpenArchive } from './open-archives.ts'
import { type ReadItem, readArchive } from './read-archive.ts'
import { quoteTable, type SavedTable } from './table-state.ts'

/**
 * Makes the tables of an archive that are not there, with their rows and sequences.
 *
 * @returns what is to be run when all tables are there.
 */
export async function makeTables(
  connection: Connection,
  { path, origin, renamed }: OpenArchive,
  tables: readonly SavedTable[],
): Promise<readonly string[]> {
  const links: string[] = []
  const names = new Set(tables.map(quoteTable))
  let relation: Extract<ReadItem, { item: 'relation' }> | undefined
  await readArchive(path, async (item, rows) => {
    if (item.item === 'relation') relation = item
    if (relation === undefined) return
    const isMade = names.has(quoteTable({ ...relation, ...renamed.get(quoteTable(relation)) }))
    if (item.item === 'sequence') return setSequence(connection, item)
    if (!isMade) return
    switch (item.item) {
      case 'relation':
        await makeSchema(connection, item.schema)
        if (origin === 'unknown') await makePlainTable(connection, item)
        return
      case 'requirement':
        if (origin === 'recorded') await makeRequirement(connection, item)
        return
      case 'statement':
        if (origin === 'unknown') return
        if (item.phase === 'link') links.push(item.sql)
        else await connection.query(item.sql)
        return
      case 'rows':
        await copyRows(connection, relation, rows)
    }
  })
  return links
}

async function makeSchema(connection: Connection, schema: string): Promise<void> {
  const { rows } = await connection.query('SELECT FROM pg_namespace WHERE nspname = $1::text', [schema])
  if (rows.length === 0) await connection.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`)
}

const LOOK = { type: 'to_regtype', function: 'to_regprocedure', sequence: 'to_regclass' } as const

async function makeRequirement(
  connection: Connection,
  { kind, name, sql: text }: Extract<ReadItem, { item: 'requirement' }>,
): Promise<void> {
  const { rows } = await connection.query<{ there: boolean }>(
    `SELECT ${LOOK[kind]}($1::text) IS NOT NULL AS there`,
    [name],
  )
  if (rows[0]?.there !== true) await connection.query(text)
}

/** A type and nothing else: what an edited archive puts there must not run. */
const TYPE = /^(?:[\w. ]|"(?:[^"]|"")*")+(?:\(\d+(?:, ?-?\d+)?\))?(?: with(?:out)? time zone)?(?:\[\])*$/

/** Of an archive whose origin is not known only names and types are taken. */
async function makePlainTable(
  connection: Connection,
  relation: Extract<ReadItem, { item: 'relation' }>,
): Promise<void> {
  const columns = relation.columns.map(({ name, type }) => {
    if (!TYPE.test(type))
      throw new TidemarkError({
        code: 'TM5041',
        message: `nothing was restored: "${type}" is not a type`,
        help: 'the archive was edited: restore from another copy',
        details: { reason: 'an edited archive', applied: [] },
      })
    return `${quoteIdentifier(name)} ${type}`
  })
  await connection.query(`CREATE TABLE ${quoteTable(relation)} (${columns.join(', ')})`)
}

async function copyRows(
  connection: Connection,
  relation: Extract<ReadItem, { item: 'relation' }>,
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  const columns = relation.columns.flatMap(({ name, generated }) =>
    generated ? [] : [quoteIdentifier(name)],
  )
  const list = columns.length === 0 ? '' : ` (${columns.join(', ')})`
  await connection.copyIn(`COPY ${quoteTable(relation)}${list} FROM STDIN`, rows)
}

/** Never sets one back. */
async function setSequence(
  connection: Connection,
  { schema, name, value, called }: Extract<ReadItem, { item: 'sequence' }>,
): Promise<void> {
  const path = quoteTable({ schema, name })
  const { rows } = await connection.query<{ kind: string }>(
    "SELECT relkind::text AS kind FROM pg_class WHERE oid = to_regclass($1::text) AND relkind = 'S'",
    [path],
  )
  if (rows.length === 0) return
  const last = quoteParameter(value)
  await connection.query(
    `SELECT setval(${quoteParameter(path)}::regclass, ${last}::bigint, ${called}) FROM ${path}
     WHERE last_value < ${last}::bigint OR (last_value = ${last}::bigint AND NOT is_called)`,
  )
}
