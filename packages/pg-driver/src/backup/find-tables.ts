import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import type { AffectedObject } from './affected-objects.ts'

/** A table, sequence or materialized view that is there now. */
export interface SavedTable {
  readonly schema: string
  readonly name: string
  /** `name type` of each column, sorted. */
  readonly columns: readonly string[]
}

/**
 * Finds the relations that hold data of these objects, with the partitions of each. A name without a schema is looked up in the
 * search_path, and where that does not have it in every schema. What does not exist is left out.
 */
export async function findTables(
  connection: Connection,
  objects: readonly AffectedObject[],
): Promise<readonly SavedTable[]> {
  if (objects.length === 0) return []
  // Asked by itself: the path is pinned for everything else.
  const [path] = await sendMessage(
    connection,
    'SELECT pg_catalog.current_schemas(true)::pg_catalog.text AS schemas',
  )
  const schemas = path?.rows[0]?.['schemas']
  const { rows } = await connection.query<{ tables: string }>(FIND, [JSON.stringify(objects), schemas])
  const tables: unknown = JSON.parse(rows[0]?.tables ?? '[]')
  return Array.isArray(tables) ? tables.map(toTable) : []
}

/** How the tables of a backup stand now. */
export interface TableState {
  readonly table: SavedTable
  /** Null: it does not exist. */
  readonly columns: readonly string[] | null
  readonly isEmpty: boolean
}

/** Looks at each table as it is now. */
export async function readTableStates(
  connection: Connection,
  tables: readonly SavedTable[],
): Promise<readonly TableState[]> {
  const states: TableState[] = []
  for (const table of tables) {
    const { schema, name } = table
    const objects: readonly AffectedObject[] = [{ kind: 'relation', schema, name }]
    const now = (await findTables(connection, objects)).find(
      (one) => one.name === name && one.schema === schema,
    )
    const isEmpty = now === undefined || (await isTableEmpty(connection, table))
    states.push({ table, columns: now?.columns ?? null, isEmpty })
  }
  return states
}

/**
 * Writes a name so that server and `pg_dump --table` take it literally.
 *
 * @example quoteTable({ schema: 'public', name: 'Order' }) // '"public"."Order"'
 */
export function quoteTable({ schema, name }: Pick<SavedTable, 'schema' | 'name'>): string {
  return [schema, name].map(quoteIdentifier).join('.')
}

async function isTableEmpty(connection: Connection, table: SavedTable): Promise<boolean> {
  const { rows } = await connection.query<{ empty: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM ${quoteTable(table)}) AS empty`,
  )
  return rows[0]?.empty === true
}

function toTable(value: unknown): SavedTable {
  if (typeof value !== 'object' || value === null) throw new TypeError('the server answered no table')
  const { schema, name, columns } = value as Record<string, unknown>
  return {
    schema: String(schema),
    name: String(name),
    columns: Array.isArray(columns) ? columns.map(String) : [],
  }
}

const FIND = `WITH asked AS (
    SELECT o.kind, o.schema, o.name, (
      SELECT c.oid FROM pg_catalog.unnest($2::pg_catalog.name[]) WITH ORDINALITY AS p(schema, place)
      JOIN pg_catalog.pg_namespace n ON n.nspname = p.schema
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = o.name
      ORDER BY p.place LIMIT 1) AS in_path
    FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS o(kind text, schema text, name text)
  ), named AS (
    SELECT c.oid FROM asked a
    JOIN pg_catalog.pg_class c ON c.relname = a.name
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE a.kind = 'relation' AND CASE
      WHEN a.schema IS NOT NULL THEN n.nspname = a.schema
      WHEN a.in_path IS NOT NULL THEN c.oid = a.in_path
      ELSE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' END
    UNION
    SELECT c.oid FROM asked a
    JOIN pg_catalog.pg_namespace n ON n.nspname = a.name
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
    WHERE a.kind = 'schema'
    UNION
    SELECT c.oid FROM asked a
    JOIN pg_catalog.pg_roles r ON r.rolname = a.name
    JOIN pg_catalog.pg_class c ON c.relowner = r.oid
    WHERE a.kind = 'owner'
    UNION
    SELECT t.attrelid FROM asked a
    JOIN pg_catalog.pg_type k ON k.typname = a.name
    JOIN pg_catalog.pg_attribute t ON t.atttypid IN (k.oid, k.typarray) AND NOT t.attisdropped
    WHERE a.kind = 'type'
    UNION
    SELECT t.attrelid FROM asked a
    JOIN pg_catalog.pg_extension e ON e.extname = a.name
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid
      AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.deptype = 'e'
    JOIN pg_catalog.pg_attribute t ON t.atttypid = d.objid AND NOT t.attisdropped
    WHERE a.kind = 'extension'
  ), whole AS (
    SELECT oid FROM named
    UNION
    SELECT p.relid FROM named, pg_catalog.pg_partition_tree(named.oid) p
  )
  SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname, 'columns', coalesce((
      SELECT pg_catalog.json_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attname)
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'), '[]'))
    ORDER BY n.nspname, c.relname), '[]')::pg_catalog.text AS tables
  FROM whole JOIN pg_catalog.pg_class c ON c.oid = whole.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`
