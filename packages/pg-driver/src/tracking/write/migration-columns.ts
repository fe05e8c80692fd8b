import type { Migration } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import type { StatementTools } from '../../statement/compiled-statement.ts'
import { operator } from '../../statement/search-path.ts'
import { storableJson } from '../../statement/storable.ts'
import type { SchemaMigrationsTable, StoredHeader } from '../../statement/tracking-tables.ts'
import { storedFile } from '../read/stored-file.ts'
import type { RunValues } from './insert-attempt.ts'

/** Values for columns of `schema_migrations`. */
export type MigrationValues = { readonly [Column in keyof SchemaMigrationsTable]?: RawBuilder<unknown> }

/** Gives files as the JSON parameter that {@link fileRecords} reads. */
export function filesParameter(migrations: readonly Migration[]): string {
  return storableJson(migrations.map(storedFile))
}

/** Gives the ids of a JSON parameter, for `in`. */
export function idsOf(ids: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`(select pg_catalog.json_array_elements_text(${ids}))`
}

const FILE_COLUMNS = [
  'id',
  'name',
  'description',
  'migration_type',
  'up_sql',
  'down_sql',
  'depends_on',
  'checksum',
  'verify_sql',
  'header',
] as const satisfies readonly (keyof SchemaMigrationsTable)[]

/** Types by their full names: a file may have put anything in front of `pg_catalog`. */
const RECORD_COLUMNS = sql.raw(
  FILE_COLUMNS.map((name) => {
    const type = name === 'header' ? 'jsonb' : name === 'depends_on' ? 'text[]' : 'text'
    return `${name} pg_catalog.${type}`
  }).join(', '),
)

/** Gives FROM's item `f` with one row a file, from a JSON parameter. */
export function fileRecords(files: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`pg_catalog.json_to_recordset(${files}) as f(${RECORD_COLUMNS})`
}

/** The columns of `schema_migrations` that a file decides, for INSERT. */
export const fileColumns: RawBuilder<unknown> = sql.join(FILE_COLUMNS.map((name) => sql.id(name)))

/** Their values from the item `f`; `applied` when the same statement says that they are. */
export function fileValues(schema: string, as: 'applied' | 'known'): RawBuilder<unknown> {
  return sql.join(
    FILE_COLUMNS.map((name) => {
      if (name === 'migration_type') return sql`f.migration_type::${sql.id(schema, name)}`
      return name === 'header' ? headerOfFile(schema, as) : sql.id('f', name)
    }),
  )
}

/** What {@link upsertFiles} writes beside what the files say. */
export interface UpsertFiles {
  /** `applied` when the statement says that the files are. */
  readonly as: 'applied' | 'known'
  /** Which keys of the header the row `m` keeps. */
  readonly keep: readonly RowStateKey[]
  /** Of a new row. */
  readonly inserted?: MigrationValues
  /** Of a row that exists. */
  readonly updated: MigrationValues
}

/**
 * Builds the INSERT … ON CONFLICT that writes files, and more, into new and existing rows `m`. It has the
 * parameter `files`.
 */
export function upsertFiles(
  { schema, parameter }: Pick<StatementTools<{ readonly files: string }>, 'schema' | 'parameter'>,
  { as, keep, inserted = {}, updated }: UpsertFiles,
): RawBuilder<unknown> {
  const names = Object.keys(inserted).map((name) => sql.id(name))
  const fromFile = FILE_COLUMNS.filter((name) => name !== 'id' && name !== 'header')
  return sql`insert into ${sql.id(schema, 'schema_migrations')} as m (${sql.join([fileColumns, ...names])})
    select ${sql.join([fileValues(schema, as), ...Object.values(inserted)])} from ${fileRecords(parameter('files', 'json'))}
    on conflict (id) do update set ${sql.join([
      ...fromFile.map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`),
      sql`header = excluded.header || ${rowState(keep)}`,
      ...Object.entries(updated).map(([name, value]) => sql`${sql.id(name)} = ${value}`),
    ])}`
}

/**
 * The file's header; of an `on_change` file also: the checksums that were completed, without the row's own
 * where that is completed, which identify an older file, and when it ran last.
 */
function headerOfFile(schema: string, as: 'applied' | 'known'): RawBuilder<unknown> {
  const lastAppliedAt = sql`, 'last_applied_at', extract(epoch from pg_catalog.statement_timestamp()),
    'last_applied_after', (select coalesce(max(h.sequence), 0) from ${sql.id(schema, 'migration_history')} h)`
  const isOther = as === 'applied' ? sql` and h.checksum <> f.checksum` : sql``
  return sql`case when f.header->>'run' = 'on_change' then f.header || pg_catalog.jsonb_build_object('earlier_checksums', (
    select coalesce(pg_catalog.jsonb_agg(distinct h.checksum), '[]') from ${sql.id(schema, 'migration_history')} h
    where h.migration_id = f.id and h.status = 'completed'${isOther})${as === 'applied' ? lastAppliedAt : sql``}) else f.header end`
}

/** Gives the columns that say who wrote a row last, and when. */
export function writerColumns({ parameter }: Pick<StatementTools<Omit<RunValues, 'details'>>, 'parameter'>) {
  return {
    run_id: parameter('runId', 'uuid'),
    applied_by: parameter('executedBy', 'text'),
    tool_version: parameter('toolVersion', 'text'),
    updated_at: writtenAt,
  }
}

/** When a row is written. */
export const writtenAt = sql<Date>`pg_catalog.clock_timestamp()`

/** NULL as text: as a value it would be one parameter more. */
export const NULL = sql<null>`null`

/** Clears the columns that describe a running or failed attempt. */
export const NO_ATTEMPT = {
  error_message: NULL,
  direction: NULL,
  statements_done: NULL,
  progress: NULL,
} as const

/**
 * What the store writes into `header` beside what the file says, and may keep when it writes the row again.
 */
export type RowStateKey = keyof Pick<
  StoredHeader,
  'progress' | 'replaced_by' | 'last_applied_at' | 'last_applied_after' | 'in_force'
>

/** Gives these keys of the row `m` as they were before the statement. */
export function rowState(keys: readonly RowStateKey[]): RawBuilder<unknown> {
  const pairs = keys.map((key) => sql`${sql.lit(key)}, ${ROW_STATE[key]}`)
  return sql`pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(${sql.join(pairs)}))`
}

/** The header without what an attempt, or the place in the order of rolling back, left in it. */
export const withoutRowState = sql<StoredHeader>`header ${operator('-')} '{progress,in_force}'::pg_catalog.text[]`

/** When the row `m` was applied: a re-run does not change its place in the order of rolling back. */
export const appliedAt = sql<Date>`coalesce(case when m.status ${operator('=')} any ('{completed,failed,running}') then m.applied_at end, pg_catalog.clock_timestamp())`

/** What is applied of the row `m` while something else of it is attempted. */
const inForce = sql`case when m.status = 'completed' then pg_catalog.jsonb_build_object('checksum', m.checksum,
    'description', m.description, 'migration_type', m.migration_type, 'depends_on', m.depends_on, 'up_sql', m.up_sql,
    'down_sql', m.down_sql, 'verify_sql', m.verify_sql, 'header', m.header - 'in_force')
    when m.status in ('failed', 'running') then m.header->'in_force' end`

const ROW_STATE: Readonly<Record<RowStateKey, RawBuilder<unknown>>> = {
  progress: sql`m.header->'progress'`,
  replaced_by: sql`m.header->'replaced_by'`,
  last_applied_at: sql`m.header->'last_applied_at'`,
  last_applied_after: sql`m.header->'last_applied_after'`,
  in_force: inForce,
}
