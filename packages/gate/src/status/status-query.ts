import { quoteIdentifier } from '@tidemark/core'
import * as z from 'zod'
import type { Manifest } from '../manifest/manifest.ts'

/** One statement with its parameters, all of them text: every driver can send it, through every pooler. */
export interface StatusQuery {
  readonly text: string
  readonly values: readonly string[]
}

/** One row of the result: the state of one id. Ids that are completed with the manifest's checksum are left out. */
export const StatusRowSchema = z.object({
  id: z.string(),
  state: z.enum(['pending', 'failed', 'changed', 'ahead', 'hidden']),
})
/** See {@link StatusRowSchema}. */
export type StatusRow = z.infer<typeof StatusRowSchema>

/** How many unknown completed ids a result lists at most. */
export const AHEAD_LIMIT = 100

/**
 * Writes the one SELECT that finds which of a manifest's migrations the database has not completed. It needs only SELECT on the
 * tracking tables, takes no lock beyond a reader's and works on a standby. Columns that an older layout lacks count as null.
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
  }
}

/**
 * `recorded`: a column that the table lacks resolves to the one of the same name in `absent` (scoping of LATERAL).
 * `standing`: what is applied, a completed squash counting as all that it replaces, also through squashes of squashes.
 * `met`: everything known of an id, gathered by grouping and hashed subplans and never by joins: the planner knows no row counts here, and a
 * nested loop would make the check quadratic.
 */
function writeText(schema: string, changing: boolean): string {
  return `WITH RECURSIVE known AS (
  SELECT * FROM unnest(string_to_array($1, ','), string_to_array($2, ','), string_to_array($3, ','))
    AS k(id, checksum, run)
), replaced AS (
  SELECT * FROM unnest(string_to_array($4, ','), string_to_array($5, ',')) AS s(squash, id)
), recorded AS MATERIALIZED (
  SELECT m.* FROM (SELECT NULL::jsonb AS header, NULL::text AS direction) absent, LATERAL (
    SELECT id::text AS id, status::text AS status, checksum::text AS checksum,
      direction::text AS direction, header->>'replaced_by' AS replaced_by, header->'earlier_checksums' AS earlier,
      header->'in_force' IS NOT NULL AS kept,
      CASE jsonb_typeof(header->'replaces') WHEN 'array' THEN header->'replaces' END AS replaces
    FROM ${schema}.schema_migrations) m
), squash AS MATERIALIZED (
  SELECT id, replaces FROM recorded WHERE replaces <> '[]'
), familiar AS (
  SELECT id FROM squash WHERE NOT EXISTS (
    SELECT FROM jsonb_array_elements_text(replaces) AS alias(id)
    WHERE alias.id NOT IN (SELECT known.id FROM known UNION ALL SELECT other.id FROM squash other))
), standing(id) AS (
  SELECT id FROM recorded WHERE status = 'completed' AND replaced_by IS NULL
  UNION
  SELECT alias.id FROM standing JOIN squash USING (id), LATERAL jsonb_array_elements_text(replaces) AS alias(id)
), met AS (
  SELECT id, max(wanted) AS wanted, max(run) AS run, max(status) AS status, max(checksum) AS checksum,
    max(direction) AS direction, (array_agg(earlier) FILTER (WHERE earlier IS NOT NULL))[1] AS earlier,
    bool_or(kept) AS kept, bool_or(stands) AS stands, bool_or(covered) AS covered
  FROM (
    SELECT id, checksum AS wanted, run, NULL AS status, NULL AS checksum, NULL AS direction, NULL::jsonb AS earlier,
      false AS kept, false AS stands, false AS covered FROM known
    UNION ALL SELECT id, NULL, NULL, status, checksum, direction, earlier, kept, false, replaced_by IS NOT NULL FROM recorded
    UNION ALL SELECT id, NULL, NULL, NULL, NULL, NULL, NULL, false, true, false FROM standing
    UNION ALL SELECT id, NULL, NULL, NULL, NULL, NULL, NULL, false, false, true FROM replaced
    UNION ALL SELECT squash, NULL, NULL, NULL, NULL, NULL, NULL, false, bool_and(id IN (SELECT standing.id FROM standing)), false
      FROM replaced GROUP BY squash
  ) parts GROUP BY id
), judged AS MATERIALIZED (
  SELECT id, CASE
    WHEN wanted IS NULL THEN CASE WHEN status = 'completed' AND NOT covered
      AND id NOT IN (SELECT familiar.id FROM familiar) THEN 'ahead' END
    WHEN CASE run WHEN 'on_change'
      THEN NOT (stands AND coalesce(checksum, wanted) = wanted
        OR ${changing ? writeEarlier(schema) : 'false'})
      ELSE NOT stands END
    THEN CASE WHEN status = 'failed' AND direction IS DISTINCT FROM 'down' THEN 'failed' ELSE 'pending' END
    WHEN run = 'once' AND checksum <> wanted THEN 'changed'
  END AS state FROM met
)
SELECT id, state FROM judged WHERE state <> 'ahead'
UNION ALL (SELECT id, state FROM judged WHERE state = 'ahead' ORDER BY id LIMIT ${AHEAD_LIMIT})
UNION ALL SELECT '', 'hidden' FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT bool_or(p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true') AS shows_all,
      bool_or(NOT p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM 'true') AS narrows
    FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND EXISTS (
      SELECT FROM unnest(p.polroles) AS member(oid)
      WHERE member.oid = 0 OR pg_has_role(member.oid, 'USAGE'))
  ) policy ON true
  WHERE n.nspname = $6 AND c.relname = 'schema_migrations' AND row_security_active(c.oid)
    AND (policy.shows_all IS NOT TRUE OR policy.narrows)`
}

/** Of `on_change`: this checksum was completed, whatever was tried since; a rollback or a reset after it undoes that. */
function writeEarlier(schema: string): string {
  return `(status = 'completed' OR status IN ('running', 'failed') AND direction IS DISTINCT FROM 'down')
        AND (coalesce(earlier @> to_jsonb(wanted), false) AND (status = 'completed' OR kept) OR EXISTS (
          SELECT FROM ${schema}.migration_history h
          WHERE h.migration_id = met.id AND h.status = 'completed' AND h.checksum = wanted
            AND NOT EXISTS (
              SELECT FROM ${schema}.migration_history back
              WHERE back.migration_id = met.id AND back.status IN ('rolled_back', 'pending') AND back.executed_at > h.executed_at)))`
}
