import type { CatalogMark, RunIdentity } from '@tidemark/core'
import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { placesOf } from './places.ts'

const rewrite = defineStatement<object>(({ schema }) => {
  const line = sql`(m.id || ':' || m.checksum || ${sql.lit('\n')}) collate "C"`
  const order = sql`m.place nulls first, m.id collate "C"`
  // Grouped and not joined: without statistics a join of tables that were just filled takes time in the square
  // of the rows.
  const placed = sql`select r.id, max(r.checksum) as checksum, max(r.place) as place
    from (select s.id, s.checksum, null::pg_catalog.int8 as place, s.status = 'completed' as counts from ${sql.id(schema, 'schema_migrations')} s
      union all select p.id, null, p.place, false from (${placesOf(schema)}) p) r
    group by r.id having bool_or(r.counts)`
  return sql`insert into ${sql.id(schema, 'database_schema')} (version, last_migration, applied_migrations, updated_at, sequence)
    select pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
        coalesce(pg_catalog.string_agg(${line}, '' order by ${line}), ''), 'UTF8')), 'hex'), 16),
      (pg_catalog.array_agg(m.id::pg_catalog.text order by m.place desc nulls last, m.id collate "C" desc))[1],
      coalesce(pg_catalog.array_agg(m.id::pg_catalog.text order by ${order}), '{}'), pg_catalog.clock_timestamp(),
      (select max(h.sequence) from ${sql.id(schema, 'migration_history')} h)
    from (${placed}) m
    on conflict ((true)) do update set version = excluded.version, last_migration = excluded.last_migration,
      applied_migrations = excluded.applied_migrations, updated_at = excluded.updated_at, sequence = excluded.sequence`
})

const notify = defineStatement<{ readonly payload: string }>(
  ({ parameter }) => sql`select pg_catalog.pg_notify('tidemark', ${parameter('payload', 'text')})`,
)

/**
 * Builds what rewrites the one row of `database_schema`. `version` is the first 16 hex digits of SHA-256 over
 * the lines `id:checksum\n`, sorted by bytes, of all completed migrations.
 */
export function summaryStatement(schema: string): CompiledStatement {
  return rewrite(schema, {})
}

/** Builds the NOTIFY on channel `tidemark` that wakes waiting gates: `{"v":1,"schema":…,"run":…}`. */
export function notifyStatement(schema: string, runId: string): CompiledStatement {
  return notify(schema, { payload: JSON.stringify({ v: 1, schema, run: runId }) })
}

const recordCatalog = defineStatement<{ readonly mark: string }>(
  ({ schema, parameter }) =>
    sql`update ${sql.id(schema, 'database_schema')} set catalog = ${parameter('mark', 'jsonb')}`,
)

/** Builds what records the fingerprint of the catalog in the one row of `database_schema`. */
export function recordCatalogStatement(
  schema: string,
  { recordedAt, ...mark }: CatalogMark,
): CompiledStatement {
  return recordCatalog(schema, {
    mark: JSON.stringify({ ...mark, recordedAt: recordedAt.getTime() / 1000 }),
  })
}

const noteIdle = defineStatement<{
  readonly runId: string
  readonly executedBy: string
  readonly lockKey: string
}>(
  ({ schema, parameter }) => sql`with noted as (update ${sql.id(schema, 'database_schema')} d
      set idle = pg_catalog.jsonb_build_object('sequence', d.sequence, 'runId', ${parameter('runId', 'text')},
        'executedBy', ${parameter('executedBy', 'text')}, 'endedAt', extract(epoch from pg_catalog.clock_timestamp()))
      where (d.idle->>'sequence')::pg_catalog.int8 is distinct from d.sequence)
    select pg_catalog.pg_advisory_unlock(${parameter('lockKey', 'int8')}) as released, pg_catalog.pg_advisory_unlock_all()`,
)

/**
 * Builds what notes that a run of `up` applied nothing, so that `down --run last` does not take the run
 * before it, and gives the run lock back, as `releaseLock` does: one query for both. Only the first such run
 * after a change is noted: further ones write nothing.
 */
export function noteIdleStatement(
  schema: string,
  { runId, executedBy }: RunIdentity,
  lockKey: string,
): CompiledStatement {
  return noteIdle(schema, { runId, executedBy, lockKey })
}
