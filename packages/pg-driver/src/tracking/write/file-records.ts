import type { Migration } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import { storableJson } from '../../statement/storable.ts'
import { type KeptKey, keptOf } from '../read/row-state-columns.ts'
import { storedFile } from '../read/stored-file.ts'

/** Gives files as the JSON parameter that {@link fileRecords} reads. */
export function filesParameter(migrations: readonly Migration[]): string {
  return storableJson(migrations.map(storedFile))
}

/** Types by their full names: a file may have put anything in front of `pg_catalog`. */
const RECORD_COLUMNS = sql.raw(
  ['id', 'name', 'description', 'migration_type', 'up_sql', 'down_sql', 'checksum', 'verify_sql']
    .map((name) => `${name} pg_catalog.text`)
    .concat('depends_on pg_catalog.text[]', 'header pg_catalog.jsonb')
    .join(', '),
)

/** Gives FROM's item `f` with one row a file, from a JSON parameter. */
export function fileRecords(files: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`pg_catalog.json_to_recordset(${files}) as f(${RECORD_COLUMNS})`
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
] as const

/** The columns of `schema_migrations` that a file decides, for INSERT. */
export const fileColumns: RawBuilder<unknown> = sql.join(FILE_COLUMNS.map((name) => sql.id(name)))

/** Their values from the item `f`; `applied` when the same statement says that they are. */
export function fileValues(schema: string, as: 'applied' | 'known'): RawBuilder<unknown> {
  return sql.join(
    FILE_COLUMNS.map((name) => {
      if (name === 'migration_type') return sql`f.migration_type::${sql.id(schema, name)}`
      return name === 'header' ? reruns(schema, as) : sql.id('f', name)
    }),
  )
}

/** Casts a status to our enum: in a table of the first layout the column may be text. */
export function asStatus(schema: string, status: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${status}::pg_catalog.text::${sql.id(schema, 'migration_status')}`
}

/** `SET` of the same columns in `ON CONFLICT DO UPDATE`; `keep` names what stays of the row `m`'s header. */
export function fileUpdates(keep: readonly KeptKey[]): RawBuilder<unknown> {
  const header = sql`excluded.header || ${keptOf(keep)}`
  const columns = FILE_COLUMNS.filter((name) => name !== 'id' && name !== 'header')
  return sql.join([
    ...columns.map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`),
    sql`header = ${header}`,
  ])
}

/**
 * The file's header; of an `on_change` file also: the checksums that were completed, without the one that the row itself says is,
 * by which an older file is told from a new one, and when it ran last.
 */
function reruns(schema: string, as: 'applied' | 'known'): RawBuilder<unknown> {
  const lastAppliedAt = sql`, 'last_applied_at', extract(epoch from pg_catalog.statement_timestamp())`
  const isOther = as === 'applied' ? sql` and h.checksum <> f.checksum` : sql``
  return sql`case when f.header->>'run' = 'on_change' then f.header || pg_catalog.jsonb_build_object('earlier_checksums', (
    select coalesce(pg_catalog.jsonb_agg(distinct h.checksum), '[]') from ${sql.id(schema, 'migration_history')} h
    where h.migration_id = f.id and h.status = 'completed'${isOther})${as === 'applied' ? lastAppliedAt : sql``}) else f.header end`
}
