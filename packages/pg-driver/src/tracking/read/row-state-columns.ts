import { type RawBuilder, sql } from 'kysely'
import type { StoredHeader } from '../../statement/tracking-tables.ts'

/** What the store keeps in `header` beside what the file says, through a write of the row. */
export type KeptKey = keyof Pick<
  StoredHeader,
  'progress' | 'replaced_by' | 'last_applied_at' | 'in_force' | 'applied_run_id'
>

/** Gives what stays of these keys of the row `m` as it was before the statement. */
export function keptOf(keys: readonly KeptKey[]): RawBuilder<unknown> {
  const pairs = keys.map((key) => sql`${sql.lit(key)}, ${keep[key]}`)
  return sql`pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(${sql.join(pairs)}))`
}

/** The header without what an attempt, or the place in the order of rolling back, left in it. */
export const withoutRowState: RawBuilder<unknown> = sql`header - '{progress,in_force,applied_run_id}'::pg_catalog.text[]`

/** When the row `m` was applied: a re-run leaves the place in the order of rolling back alone. */
export const appliedAt: RawBuilder<unknown> = sql`coalesce(case when m.status in ('completed', 'failed', 'running') then m.applied_at end, pg_catalog.clock_timestamp())`

/** To which run the row `m` belongs, when another one writes it; empty where nobody knows. */
const appliedRunId = sql`case when m.status = 'completed'
    then coalesce(m.header->>'applied_run_id', m.run_id::pg_catalog.text, '')
    when m.status in ('failed', 'running') then m.header->>'applied_run_id' end`

/** What is applied of the row `m` while something else of it is attempted. */
const inForce = sql`case when m.status = 'completed' then pg_catalog.jsonb_build_object('checksum', m.checksum,
    'description', m.description, 'migration_type', m.migration_type, 'depends_on', m.depends_on, 'up_sql', m.up_sql,
    'down_sql', m.down_sql, 'verify_sql', m.verify_sql, 'header', m.header - 'in_force')
    when m.status in ('failed', 'running') then m.header->'in_force' end`

const keep: Readonly<Record<KeptKey, RawBuilder<unknown>>> = {
  progress: sql`m.header->'progress'`,
  replaced_by: sql`m.header->'replaced_by'`,
  last_applied_at: sql`m.header->'last_applied_at'`,
  in_force: inForce,
  applied_run_id: appliedRunId,
}
