import { formatRelationName, type RelationName } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'

/**
 * Estimates how many rows tables hold, by what the server knows without counting, partitions included. A name
 * without a schema is looked for in the search_path, then in `public`, then anywhere. What does not exist, or
 * was never counted, is left out.
 *
 * @returns rows by `formatRelationName`.
 */
export async function estimateRows(
  connection: Connection,
  relations: readonly RelationName[],
): Promise<ReadonlyMap<string, number>> {
  if (relations.length === 0) return new Map()
  const asked = relations.map((one) => ({ ...one, key: formatRelationName(one) }))
  const { rows } = await connection.query<{ key: string; estimate: string }>(ESTIMATE, [
    JSON.stringify(asked),
  ])
  return new Map(rows.map(({ key, estimate }) => [key, Math.round(Number(estimate))]))
}

/** `reltuples` is -1 before the first ANALYZE, and the statistics know of no row before they are written. */
const ESTIMATE = `SELECT asked.key, pg_catalog.sum(GREATEST(part.reltuples, pg_catalog.pg_stat_get_live_tuples(part.oid)))::pg_catalog.text AS estimate
  FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS asked(key pg_catalog.text, schema pg_catalog.text, name pg_catalog.text),
  LATERAL (
    SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = asked.name::pg_catalog.name AND c.relkind IN ('r', 'p', 'm') AND n.nspname = COALESCE(asked.schema, n.nspname)
    ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname = 'public' DESC, c.oid LIMIT 1
  ) AS found,
  LATERAL (
    SELECT found.oid UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(found.oid) t
  ) AS members JOIN pg_catalog.pg_class part ON part.oid = members.oid AND part.relkind <> 'p'
  GROUP BY asked.key
  HAVING pg_catalog.bool_and(part.reltuples >= 0 OR pg_catalog.pg_stat_get_live_tuples(part.oid) > 0 OR pg_catalog.pg_relation_size(part.oid) = 0)`
