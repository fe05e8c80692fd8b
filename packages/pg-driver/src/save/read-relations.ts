import type { Connection } from '../connection/connection.ts'

/** A relation as it is at one moment of a transaction. */
export interface Relation {
  readonly oid: string
  readonly schema: string
  readonly name: string
  /** `pg_class.relkind`. */
  readonly kind: string
  /** Another one after TRUNCATE and after rewriting. */
  readonly file: string | null
  /** Number and type of each column. */
  readonly columns: readonly string[]
  /** Rows that this transaction deleted, updated and inserted. */
  readonly deleted: number
  readonly updated: number
  readonly inserted: number
}

/** All relations that may hold data, by oid. */
export type Relations = ReadonlyMap<string, Relation>

/**
 * Reads the relations of all schemas but the system's, and the list of large objects; temporary ones are left
 * out. With own settings only.
 */
export async function readRelations(connection: Connection): Promise<Relations> {
  const { rows } = await connection.query<Relation>(READ)
  return new Map(rows.map((row) => [row.oid, row]))
}

const READ = `SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
    pg_relation_filenode(c.oid)::text AS file,
    COALESCE((SELECT json_agg(a.attnum || ' ' || a.atttypid || ' ' || a.attname ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns,
    pg_stat_get_xact_tuples_deleted(c.oid)::float8 AS deleted,
    CASE WHEN n.nspname = 'pg_catalog' THEN 0 ELSE pg_stat_get_xact_tuples_updated(c.oid)::float8 END AS updated,
    pg_stat_get_xact_tuples_inserted(c.oid)::float8 AS inserted
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'S', 'f', 'c') AND c.relpersistence <> 't'
    AND (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' OR c.oid = 'pg_largeobject_metadata'::regclass)`

/**
 * Lists the relations with a column of one of these composite types, also through arrays, domains, ranges and
 * other composite types. With own settings only.
 *
 * @param types oids of the relations that the types have.
 * @returns oids.
 */
export async function readUsers(
  connection: Connection,
  types: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await connection.query<{ oid: string }>(USERS, [JSON.stringify(types)])
  return rows.map(({ oid }) => oid)
}

const USERS = `WITH RECURSIVE used(type) AS (
    SELECT c.reltype FROM pg_class c WHERE c.oid IN (SELECT json_array_elements_text($1::json)::oid)
    UNION
    SELECT t.oid FROM used u JOIN pg_type t ON t.typelem = u.type OR t.typbasetype = u.type
      OR EXISTS (SELECT FROM pg_range r WHERE r.rngtypid = t.oid AND r.rngsubtype = u.type)
      OR EXISTS (SELECT FROM pg_attribute a
        WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.atttypid = u.type AND NOT a.attisdropped)
  )
  SELECT DISTINCT a.attrelid::text AS oid FROM pg_attribute a JOIN used u ON a.atttypid = u.type
  WHERE a.attnum > 0 AND NOT a.attisdropped`

/**
 * Lists the relations that this transaction has locked against everybody, by oid: who drops, rewrites or truncates
 * one, or takes columns from it, holds that lock until the end. With own settings only.
 *
 * @see https://www.postgresql.org/docs/current/explicit-locking.html
 */
export async function readExclusive(connection: Connection): Promise<ReadonlySet<string>> {
  const { rows } = await connection.query<{ oid: string }>(EXCLUSIVE)
  return new Set(rows.map(({ oid }) => oid))
}

const EXCLUSIVE = `SELECT DISTINCT relation::text AS oid FROM pg_locks
  WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted AND pid = pg_backend_pid()`

/**
 * Lists the tables that take no room on disk, by oid. Looking locks each for a moment: those that others lock
 * are left out, and it fails where one is locked meanwhile. With own settings only.
 */
export async function readEmptyTables(connection: Connection): Promise<ReadonlySet<string>> {
  await connection.query("SET LOCAL lock_timeout = '100ms'")
  const { rows } = await connection.query<{ oid: string }>(EMPTY)
  return new Set(rows.map(({ oid }) => oid))
}

const EMPTY = `SELECT c.oid::text AS oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND CASE WHEN c.oid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
      THEN false ELSE pg_relation_size(c.oid) = 0 END`
