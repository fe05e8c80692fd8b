import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'

const rewrite = defineStatement<object>(({ schema }) => {
  const line = sql`(m.id || ':' || m.checksum || ${sql.lit('\n')}) collate "C"`
  const order = sql`m.applied_at nulls first, m.id collate "C"`
  return sql`insert into ${sql.id(schema, 'database_schema')} (version, last_migration, applied_migrations, updated_at)
    select pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
        coalesce(pg_catalog.string_agg(${line}, '' order by ${line}), ''), 'UTF8')), 'hex'), 16),
      (pg_catalog.array_agg(m.id::pg_catalog.text order by m.applied_at desc nulls last, m.id collate "C" desc))[1],
      coalesce(pg_catalog.array_agg(m.id::pg_catalog.text order by ${order}), '{}'), pg_catalog.clock_timestamp()
    from ${sql.id(schema, 'schema_migrations')} m where m.status = 'completed'
    on conflict ((true)) do update set version = excluded.version, last_migration = excluded.last_migration,
      applied_migrations = excluded.applied_migrations, updated_at = excluded.updated_at`
})

const notify = defineStatement<{ readonly payload: string }>(
  ({ parameter }) => sql`select pg_catalog.pg_notify('tidemark', ${parameter('payload', 'text')})`,
)

/**
 * Builds what rewrites the one row of `database_schema`. `version` is the first 16 hex digits of SHA-256 over the lines
 * `id:checksum\n`, sorted by bytes, of all completed migrations.
 */
export function summaryStatement(schema: string): CompiledStatement {
  return rewrite(schema, {})
}

/** Builds the NOTIFY on channel `tidemark` that wakes waiting gates: `{"v":1,"schema":…,"run":…}`. */
export function notifyStatement(schema: string, runId: string): CompiledStatement {
  return notify(schema, { payload: JSON.stringify({ v: 1, schema, run: runId }) })
}
