import type { ConcurrentReindex, IndexBuild, RelationName } from '@tidemark/core'
import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { quoteParameter } from '../../statement/inline-parameters.ts'

/** An index as the catalogs have it. */
export interface IndexState {
  /** `schema.name`, each part quoted where it must be. */
  readonly name: string
  readonly oid: string
  readonly valid: boolean
}

const SELECT_INDEXES = `SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
    c.oid::pg_catalog.text AS oid, i.indisvalid AS valid
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

/**
 * Lists the indexes of a table, as its name is looked up in this session; none when there is no such table.
 */
export async function listIndexesOf(
  connection: Connection,
  table: RelationName,
): Promise<readonly IndexState[]> {
  const oid = await findRelation(connection, quoteName(table))
  return oid === null ? [] : list(connection, `WHERE i.indrelid = $1::pg_catalog.oid ORDER BY 1`, [oid])
}

/**
 * Finds one index by its name, as it is looked up in this session; a text is an {@link IndexState}'s name.
 */
export async function findIndex(
  connection: Connection,
  index: RelationName | string,
): Promise<IndexState | undefined> {
  const name = typeof index === 'string' ? index : quoteName(index)
  const oid = await findRelation(connection, name)
  const [found] = oid === null ? [] : await list(connection, `WHERE c.oid = $1::pg_catalog.oid`, [oid])
  return found
}

/**
 * Looks for an index behind the statement that makes it. What IF NOT EXISTS passed over because something
 * else has the name is as valid as PostgreSQL takes it to be.
 */
export async function stateOfBuilt(
  connection: Connection,
  index: string,
): Promise<'valid' | 'invalid' | 'missing'> {
  const oid = await findRelation(connection, index)
  if (oid === null) return 'missing'
  const [found] = await list(connection, `WHERE c.oid = $1::pg_catalog.oid`, [oid])
  return found?.valid === false ? 'invalid' : 'valid'
}

/**
 * Finds the oid of a relation as the session's own search_path finds it, so as the file's statements do; null
 * when there is none. Whatever else is in that path, no operator and no function of it is looked for. A name
 * is given whole: the server cuts it, in the database's encoding.
 */
export async function findRelation(connection: Connection, name: string): Promise<string | null> {
  const text = `SELECT pg_catalog.to_regclass(${quoteParameter(name)})::pg_catalog.oid::pg_catalog.text AS oid`
  const [answer] = await sendMessage(connection, text)
  const oid = answer?.rows[0]?.['oid']
  return typeof oid === 'string' ? oid : null
}

/** Finds under which name a CREATE INDEX will make its index, and the oid of what has that name already. */
export async function findIndexToBuild(
  connection: Connection,
  { name, table }: Pick<IndexBuild, 'table'> & { readonly name: string },
): Promise<{ readonly index?: string; readonly oid?: string }> {
  const tableOid = await findRelation(connection, quoteName(table))
  if (tableOid === null) return {}
  const { rows } = await connection.query<{ index: string; oid: string | null }>(
    `SELECT made.name AS index, pg_catalog.to_regclass(made.name)::pg_catalog.oid::pg_catalog.text AS oid
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
       LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident($2) AS name) AS made
     WHERE c.oid = $1::pg_catalog.oid`,
    [tableOid, name],
  )
  const [row] = rows
  if (row === undefined) return {}
  return row.oid === null ? { index: row.index } : { index: row.index, oid: row.oid }
}

/**
 * Lists the invalid indexes that a REINDEX CONCURRENTLY leaves where it fails: `…_ccnew`, `…_ccold`, with a
 * number behind them when there are several (manual, REINDEX, "Rebuilding Indexes Concurrently"). Those of
 * TOAST tables belong to them as well, for roles that may drop them: the next REINDEX passes over them with a
 * warning, for ever.
 */
export async function listReindexRemains(
  connection: Connection,
  { object, target }: ConcurrentReindex,
): Promise<readonly IndexState[]> {
  const found =
    target === undefined || object === 'schema'
      ? target?.name
      : await findRelation(connection, quoteName(target))
  if (found === null) return []
  return list(
    connection,
    `WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND ${SCOPES[object]}
     AND (n.nspname <> 'pg_toast' OR pg_catalog.has_schema_privilege(n.oid, 'USAGE'))
     ORDER BY 1`,
    found === undefined || object === 'database' || object === 'system' ? [] : [found],
  )
}

/** Indexes of these tables and of their TOAST tables. */
const ON = (tables: string) =>
  `i.indrelid IN (SELECT k.oid FROM pg_catalog.pg_class c CROSS JOIN LATERAL (VALUES (c.oid), (c.reltoastrelid)) AS k(oid)
    WHERE c.oid IN (${tables}))`
const TREE = (relation: string) =>
  ON(`SELECT t.relid FROM pg_catalog.pg_partition_tree(${relation}) t UNION SELECT ${relation}`)

const SCOPES: Readonly<Record<ConcurrentReindex['object'], string>> = {
  table: TREE('$1::pg_catalog.oid'),
  index: `i.indrelid IN (SELECT x.indrelid FROM pg_catalog.pg_index x WHERE x.indexrelid IN
    (SELECT t.relid FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid) t UNION SELECT $1::pg_catalog.oid))`,
  schema: ON(
    `SELECT t.oid FROM pg_catalog.pg_class t WHERE t.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident($1))`,
  ),
  database: 'true',
  system: 'true',
}

/** Drops an index without stopping anyone. `name` is an {@link IndexState}'s. */
export async function dropIndexConcurrently(connection: Connection, name: string): Promise<void> {
  await sendMessage(connection, `DROP INDEX CONCURRENTLY IF EXISTS ${name}`)
}

async function list(
  connection: Connection,
  rest: string,
  values: readonly string[],
): Promise<readonly IndexState[]> {
  const text = `${SELECT_INDEXES} ${rest}`
  const { rows } = await connection.query<{ name: string; oid: string; valid: boolean }>(
    text,
    values.length === 0 ? undefined : values,
  )
  return rows.map(({ name, oid, valid }) => ({ name, oid, valid }))
}

/** Gives a name as `to_regclass` reads it. */
export function quoteName({ schema, name }: RelationName): string {
  return schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}
