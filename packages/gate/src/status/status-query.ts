import { quoteIdentifier } from '@tidemark/core'
import * as z from 'zod'
import type { Manifest } from '../manifest/manifest.ts'

/** One statement with its parameters, all of them text: every driver can send it, through every pooler. */
export interface StatusQuery {
  readonly text: string
  readonly values: readonly string[]
  /** The schema of the tracking tables. */
  readonly schema: string
}

/**
 * One row of the result: the state of one id. Ids that are completed with the manifest's checksum are left
 * out.
 */
export const StatusRowSchema = z.object({
  id: z.string(),
  state: z.enum(['pending', 'failed', 'changed', 'ahead', 'hidden']),
})
/** See {@link StatusRowSchema}. */
export type StatusRow = z.infer<typeof StatusRowSchema>

/** How many unknown ids, completed or partly rolled back, a result lists at most. */
export const AHEAD_LIMIT = 100

/**
 * Writes the one SELECT that finds which of a manifest's migrations the database has not completed. It needs
 * only SELECT on the tracking tables, takes no lock beyond a reader's and works on a standby. Columns that an
 * older layout lacks count as null.
 *
 * @param schema the schema of the tracking tables.
 */
export function writeStatusQuery(manifest: Manifest, schema: string): StatusQuery {
  const { migrations } = manifest
  const pairs = migrations.flatMap(({ id, replaces }) => replaces.map((replaced) => ({ id, replaced })))
  const changing = migrations.some(({ run }) => run === 'on_change')
  return {
    text: writeText(quoteIdentifier(schema), changing),
    values: [
      migrations.map(({ id }) => id).join(','),
      migrations.map(({ checksum }) => checksum).join(','),
      migrations.map(({ run }) => run).join(','),
      pairs.map(({ id }) => id).join(','),
      pairs.map(({ replaced }) => replaced).join(','),
      schema,
    ],
    schema,
  }
}

/**
 * `recorded`: a column that the table lacks resolves to the one of the same name in `absent` (scoping of
 * LATERAL). `in_force`: what is applied, a completed squash counting as all that it replaces, also through
 * squashes of squashes. `met`: everything known of an id, gathered by grouping and hashed subplans and never
 * by joins: the planner knows no row counts here, and a nested loop would make the check quadratic.
 *
 * It travels over the application's own connections, whose search_path may hold anything: so every operator,
 * function and type has its schema, and nothing is written that looks an operator up by its name alone (IN,
 * IS DISTINCT FROM, CASE x WHEN, JOIN USING).
 */
function writeText(schema: string, changing: boolean): string {
  return `WITH RECURSIVE ${changing ? `${onlyATable(`${schema}.migration_history`)}, ` : ''}${onlyATable(`${schema}.schema_migrations`)}, known AS (
  SELECT * FROM ROWS FROM (${[1, 2, 3].map(splitParameter).join(', ')}) AS k(id, checksum, run)
), replaced AS (
  SELECT * FROM ROWS FROM (${[4, 5].map(splitParameter).join(', ')}) AS s(squash, id)
), recorded AS MATERIALIZED (
  SELECT m.* FROM (SELECT NULL::pg_catalog.jsonb AS header, NULL::pg_catalog.text AS direction) absent, LATERAL (
    SELECT id::pg_catalog.text AS id, status::pg_catalog.text AS status, checksum::pg_catalog.text AS checksum,
      direction::pg_catalog.text AS direction, header ${op('->>')} 'replaced_by' AS replaced_by,
      header ${op('->')} 'earlier_checksums' AS earlier, (header ${op('->')} 'in_force') IS NOT NULL AS kept,
      CASE WHEN pg_catalog.jsonb_typeof(header ${op('->')} 'replaces') ${EQ} 'array' THEN header ${op('->')} 'replaces' END AS replaces
    FROM ${schema}.schema_migrations) m
), squash AS MATERIALIZED (
  SELECT id, replaces FROM recorded WHERE replaces ${op('<>')} '[]'
), familiar AS (
  SELECT id FROM squash WHERE NOT EXISTS (
    SELECT FROM pg_catalog.jsonb_array_elements_text(replaces) AS alias(id)
    WHERE NOT (alias.id ${EQ} ANY (SELECT known.id FROM known UNION ALL SELECT other.id FROM squash other)))
), in_force(id) AS (
  SELECT id FROM recorded WHERE status ${EQ} 'completed' AND replaced_by IS NULL
  UNION
  SELECT alias.id FROM in_force JOIN squash ON squash.id ${EQ} in_force.id,
    LATERAL pg_catalog.jsonb_array_elements_text(replaces) AS alias(id)
), met AS (
  SELECT id, pg_catalog.max(wanted) AS wanted, pg_catalog.max(run) AS run, pg_catalog.max(status) AS status,
    pg_catalog.max(checksum) AS checksum, pg_catalog.max(direction) AS direction,
    (pg_catalog.array_agg(earlier) FILTER (WHERE earlier IS NOT NULL))[1] AS earlier,
    pg_catalog.bool_or(kept) AS kept, pg_catalog.bool_or(counts) AS counts, pg_catalog.bool_or(covered) AS covered
  FROM (
    SELECT id, checksum AS wanted, run, NULL AS status, NULL AS checksum, NULL AS direction, NULL::pg_catalog.jsonb AS earlier,
      false AS kept, false AS counts, false AS covered FROM known
    UNION ALL SELECT id, NULL, NULL, status, checksum, direction, earlier, kept, false, replaced_by IS NOT NULL FROM recorded
    UNION ALL SELECT id, NULL, NULL, NULL, NULL, NULL, NULL, false, true, false FROM in_force
    UNION ALL SELECT id, NULL, NULL, NULL, NULL, NULL, NULL, false, false, true FROM replaced
    UNION ALL SELECT squash, NULL, NULL, NULL, NULL, NULL, NULL, false,
      pg_catalog.bool_and(id ${EQ} ANY (SELECT in_force.id FROM in_force)), false FROM replaced GROUP BY squash
  ) parts GROUP BY id
), judged AS MATERIALIZED (
  SELECT id, CASE
    WHEN wanted IS NULL THEN CASE WHEN (status ${EQ} 'completed' OR direction ${EQ} 'down') AND NOT covered
      AND NOT (id ${EQ} ANY (SELECT familiar.id FROM familiar)) THEN 'ahead' END
    WHEN CASE WHEN run ${EQ} 'on_change'
      THEN NOT (counts AND coalesce(checksum, wanted) ${EQ} wanted
        OR ${changing ? writeEarlier(schema) : 'false'})
      ELSE NOT counts END
    THEN CASE WHEN status ${EQ} 'failed' AND (direction ${EQ} 'down') IS NOT TRUE THEN 'failed' ELSE 'pending' END
    WHEN run ${EQ} 'once' AND checksum ${op('<>')} wanted THEN 'changed'
  END AS state FROM met
)
SELECT id, state FROM judged WHERE state ${op('<>')} 'ahead'
UNION ALL (SELECT id, state FROM judged WHERE state ${EQ} 'ahead' ORDER BY id LIMIT ${AHEAD_LIMIT})
UNION ALL SELECT '', 'hidden' FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} c.relnamespace
  LEFT JOIN LATERAL (
    SELECT pg_catalog.bool_or(p.polpermissive AND ${SHOWS_ALL}) AS shows_all,
      pg_catalog.bool_or(NOT p.polpermissive AND (${SHOWS_ALL}) IS NOT TRUE) AS narrows
    FROM pg_catalog.pg_policy p WHERE p.polrelid ${EQ} c.oid AND p.polcmd ${EQ} ANY ('{r,*}') AND EXISTS (
      SELECT FROM pg_catalog.unnest(p.polroles) AS member(oid)
      WHERE member.oid ${EQ} 0::pg_catalog.oid OR pg_catalog.pg_has_role(member.oid, 'USAGE'))
  ) policy ON true
  WHERE n.nspname ${EQ} $6 AND c.relname ${EQ} 'schema_migrations' AND pg_catalog.row_security_active(c.oid)
    AND (policy.shows_all IS NOT TRUE OR policy.narrows)`
}

/**
 * Lets the server refuse, before it plans anything, a view in the place of a table: its functions would run
 * with the privileges of the application, those that are IMMUTABLE even while the query is planned. Only a
 * table can be sampled; nothing reads the result, so it is never executed.
 */
function onlyATable(table: string): string {
  const name = table.endsWith('history') ? 'attempts_are_a_table' : 'rows_are_a_table'
  return `${name} AS (SELECT FROM ${table} TABLESAMPLE pg_catalog.system(0))`
}

const op = (name: string) => `OPERATOR(pg_catalog.${name})`
const EQ = op('=')
const SHOWS_ALL = `pg_catalog.pg_get_expr(p.polqual, p.polrelid) ${EQ} 'true'`
const splitParameter = (place: number) => `pg_catalog.unnest(pg_catalog.string_to_array($${place}, ','))`

/**
 * Of `on_change`: this checksum was completed, whatever was tried since; a rollback or a reset after it
 * undoes that. Tables of an older layout do not number their attempts: there the times decide.
 */
function writeEarlier(schema: string): string {
  const attempts = `(SELECT a.* FROM (SELECT 0::pg_catalog.int8 AS sequence) absent, LATERAL (
            SELECT migration_id, status, checksum, executed_at, sequence FROM ${schema}.migration_history) a)`
  return `(status ${EQ} 'completed' OR status ${EQ} ANY ('{running,failed}') AND (direction ${EQ} 'down') IS NOT TRUE)
        AND (coalesce(earlier ${op('@>')} pg_catalog.to_jsonb(wanted), false) AND (status ${EQ} 'completed' OR kept) OR EXISTS (
          SELECT FROM ${attempts} h
          WHERE h.migration_id ${EQ} met.id AND h.status ${EQ} 'completed' AND h.checksum ${EQ} wanted
            AND NOT EXISTS (
              SELECT FROM ${attempts} back
              WHERE back.migration_id ${EQ} met.id AND back.status ${EQ} ANY ('{rolled_back,pending}')
                AND (back.sequence ${op('>')} h.sequence
                  OR back.sequence ${EQ} h.sequence AND back.executed_at ${op('>')} h.executed_at))))`
}
