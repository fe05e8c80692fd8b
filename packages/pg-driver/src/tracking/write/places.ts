import { type RawBuilder, sql } from 'kysely'

/**
 * Builds the query of each applied migration's place in the order of application: `id` and `place`, the
 * sequence of the attempt that applied it. What ran again, or was repaired, keeps its place; what was rolled
 * back and applied again has a new one; a renamed migration has the place that its attempt took over
 * (`details.place`).
 */
export function placesOf(schema: string): RawBuilder<unknown> {
  const history = sql.id(schema, 'migration_history')
  return sql`select h.migration_id as id, min(coalesce((h.details->>'place')::pg_catalog.int8, h.sequence)) as place
    from (select migration_id, status, sequence, details,
        max(sequence) filter (where status in ('rolled_back', 'pending')) over (partition by migration_id) as undone
      from ${history}) h
    where h.status = 'completed' and h.sequence > coalesce(h.undone, 0)
    group by h.migration_id`
}
