import { type MigrationBatches, quoteIdentifier, readBatchKey, TidemarkError } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { quoteParameter } from '../../statement/inline-parameters.ts'
import { pinSearchPath } from '../../statement/search-path.ts'

/** The key by which a table is walked. */
export interface BatchKey {
  /** As the header has them: SQL. */
  readonly table: string
  readonly column: string
  /** The table that the name leads to in the search_path of the file, with its schema: SQL. */
  readonly relation: string
  /** The type of the column, with its schema: SQL. */
  readonly type: string
  /** The type as people name it, such as `bigint`. */
  readonly typeName: string
  /** The operator by which the index orders, as SQL. */
  readonly greater: string
  /** As the server estimates them; null: unknown. */
  readonly tableRows: number | null
}

interface KeyRow {
  readonly kind: string
  readonly relation: string
  readonly type: string | null
  readonly typeName: string | null
  readonly nullable: boolean | null
  readonly greater: string | null
  readonly rows: string | null
}

/**
 * Reads the key in the session of the migration, as its role: only a column whose index brings its keys in
 * order can be walked.
 *
 * @throws TidemarkError TM5070 without such an index, TM5071 for keys that are null, TM5072 where table or
 *   column are missing.
 */
export async function readKey(
  connection: Connection,
  id: string,
  batches: MigrationBatches,
): Promise<BatchKey> {
  const { table, column } = batches
  const oid = await findTable(connection, table)
  const {
    rows: [row],
  } = await pinSearchPath(connection).query<KeyRow>(selectKey(oid, readBatchKey(batches).column))
  if (row === undefined) throw missing(id, `the table ${table} does not exist`)
  const { kind, relation, type, typeName, nullable, greater, rows } = row
  if (type === null || typeName === null) throw missing(id, `the table ${table} has no column ${column}`)
  if (greater === null) throw noIndex(id, batches, kind)
  const key = {
    table,
    column,
    relation,
    type,
    typeName,
    greater,
    tableRows: rows === null ? null : Number(rows),
  }
  if (nullable !== false && (await hasNull(connection, key))) throw nullKeys(id, batches)
  return key
}

/** Looks a name up as the file does; `0` where it leads to nothing. */
async function findTable(connection: Connection, table: string): Promise<string> {
  const [answer] = await sendMessage(
    connection,
    `SELECT COALESCE(pg_catalog.to_regclass(${quoteParameter(table)})::pg_catalog.oid::pg_catalog.text, '0') AS oid`,
  )
  return String(answer?.rows[0]?.['oid'] ?? '0')
}

/** `>` is that of the index, whatever is in the search_path. */
function selectKey(oid: string, column: string): string {
  return `SELECT c.relkind::pg_catalog.text AS kind, pg_catalog.format('%I.%I', s.nspname, c.relname) AS relation,
    quote_ident(tn.nspname) || '.' || quote_ident(ty.typname) AS type, pg_catalog.format_type(a.atttypid, -1) AS "typeName",
    NOT a.attnotnull AS nullable,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::pg_catalog.int8::pg_catalog.text END AS rows,
    (SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
     FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
       JOIN pg_catalog.pg_am m ON m.oid = x.relam
       JOIN pg_catalog.pg_opclass k ON k.oid = i.indclass[0]
       JOIN pg_catalog.pg_amop p ON p.amopfamily = k.opcfamily AND p.amopstrategy = 5
         AND p.amoplefttype = k.opcintype AND p.amoprighttype = k.opcintype
       JOIN pg_catalog.pg_operator o ON o.oid = p.amopopr
       JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
     WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND m.amname = 'btree' AND k.opcdefault
       AND i.indisvalid AND i.indpred IS NULL AND i.indcollation[0] = a.attcollation
     LIMIT 1) AS greater
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
    LEFT JOIN (pg_catalog.pg_attribute a JOIN pg_catalog.pg_type ty ON ty.oid = a.atttypid
      JOIN pg_catalog.pg_namespace tn ON tn.oid = ty.typnamespace)
      ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ${quoteParameter(column)}
  WHERE c.oid = ${oid}`
}

async function hasNull(connection: Connection, { relation, column }: BatchKey): Promise<boolean> {
  const [answer] = await sendMessage(connection, `SELECT 1 FROM ${relation} WHERE ${column} IS NULL LIMIT 1`)
  return (answer?.rows.length ?? 0) > 0
}

function noIndex(id: string, { table, column }: MigrationBatches, kind: string): TidemarkError {
  const key = readBatchKey({ table, column })
  const name = quoteIdentifier(`${key.table.name}_${key.column}_idx`.slice(0, 63))
  const isPartitioned = kind === 'p'
  const create = isPartitioned
    ? `CREATE INDEX ${name} ON ${table} (${column});`
    : `CREATE INDEX CONCURRENTLY ${name} ON ${table} (${column});`
  const where = isPartitioned
    ? 'in a migration before it'
    : 'in a migration before it, with "-- Transaction: none"'
  const canIndex = ['r', 'p', 'm'].includes(kind)
  return new TidemarkError({
    code: 'TM5070',
    message: `"${id}" cannot run in batches: no index of ${table} begins with ${column}`,
    help: canIndex ? `add one, ${where}: ${create}` : `name a table in "Batches": ${table} is none`,
    details: { migration: id, table, column, ...(canIndex ? { createIndex: create } : {}) },
  })
}

function nullKeys(id: string, { table, column }: MigrationBatches): TidemarkError {
  return new TidemarkError({
    code: 'TM5071',
    message: `"${id}" cannot run in batches: ${table} has rows whose ${column} is null`,
    help: 'no batch would reach these rows: walk the table by another column, or give them a value first',
    details: { migration: id, table, column },
  })
}

function missing(id: string, what: string): TidemarkError {
  return new TidemarkError({
    code: 'TM5072',
    message: `"${id}" cannot run in batches: ${what}`,
    help: 'correct "Batches" in the header of the file; names are found as in its SQL, in upper and lower case',
    details: { migration: id },
  })
}
