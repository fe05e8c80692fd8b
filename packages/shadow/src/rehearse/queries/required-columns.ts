import type { Connection } from '@tidemark/pg-driver/engine'

/** By schema and name of a table the columns that a row must have, by their place in the table. */
export type RequiredColumns = ReadonlyMap<string, ReadonlyMap<number, string>>

/** A trigger before INSERT may fill what is missing: nothing is said of its table. */
const QUERY = `SELECT n.nspname || '.' || c.relname AS "table", a.attnum::int AS place, a.attname::text AS name
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped AND a.attgenerated = ''
    AND c.relkind IN ('r', 'p') AND c.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgtype & 7 = 7)`

/** Reads which columns a row must have. */
export async function listRequiredColumns(connection: Connection): Promise<RequiredColumns> {
  const { rows } = await connection.query<{ table: string; place: number; name: string }>(QUERY)
  const tables = new Map<string, Map<number, string>>()
  for (const { table, place, name } of rows) {
    const columns = tables.get(table) ?? new Map<number, string>()
    tables.set(table, columns.set(place, name))
  }
  return tables
}
