import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'

/** A table, sequence or materialized view in a backup. */
export interface SavedTable {
  readonly schema: string
  readonly name: string
  /** `name type` of each column, sorted. */
  readonly columns: readonly string[]
}

/** What is in the place of a saved table now. */
export interface TableState {
  readonly table: SavedTable
  /** Null: it does not exist. */
  readonly columns: readonly string[] | null
  /** `others`: rows that were not saved, or that have changed since. */
  readonly rows: 'none' | 'saved' | 'others'
}

/** Writes a name in full. @example quoteTable({ schema: 'public', name: 'Order' }) // '"public"."Order"' */
export function quoteTable({ schema, name }: Pick<SavedTable, 'schema' | 'name'>): string {
  return [schema, name].map(quoteIdentifier).join('.')
}

/** Reads the columns of a relation as they are now; null when it does not exist. */
export async function readColumnsNow(
  connection: Connection,
  table: Pick<SavedTable, 'schema' | 'name'>,
): Promise<readonly string[] | null> {
  const { rows } = await connection.query<{ columns: readonly string[] }>(COLUMNS, [table.schema, table.name])
  return rows[0]?.columns ?? null
}

const COLUMNS = `SELECT COALESCE((SELECT json_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attname)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f')), '[]') AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relname = $2::text`
