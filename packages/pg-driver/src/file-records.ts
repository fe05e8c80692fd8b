import type { Migration } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import { storableJson } from './storable.ts'
import { storedFile } from './stored-file.ts'

/** Gives files as the JSON parameter that {@link fileRecords} reads. */
export function filesParameter(migrations: readonly Migration[]): string {
  return storableJson(migrations.map(storedFile))
}

/** Gives FROM's item `f` with one row a file, from a JSON parameter. */
export function fileRecords(files: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`pg_catalog.json_to_recordset(${files}) as f(id text, name text, description text,
    migration_type text, up_sql text, down_sql text, depends_on text[], checksum text, verify_sql text, header jsonb)`
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

/** Their values from the item `f`. */
export function fileValues(schema: string): RawBuilder<unknown> {
  return sql.join(FILE_COLUMNS.map((name) => fileValue(schema, name)))
}

/** `SET` of the same columns in `ON CONFLICT DO UPDATE`. */
export const fileUpdates: RawBuilder<unknown> = sql.join(
  FILE_COLUMNS.slice(1).map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`),
)

function fileValue(schema: string, name: (typeof FILE_COLUMNS)[number]): RawBuilder<unknown> {
  if (name === 'migration_type') return sql`f.migration_type::${sql.id(schema, 'migration_type')}`
  if (name === 'header') return sql`f.header || ${earlierChecksums(schema)}`
  return sql.id('f', name)
}

/** Of an `on_change` file the checksums that were completed before: how an older file is told from a new one. */
function earlierChecksums(schema: string): RawBuilder<unknown> {
  return sql`case when f.header->>'run' = 'on_change' then pg_catalog.jsonb_build_object('earlier_checksums', (
    select coalesce(pg_catalog.jsonb_agg(distinct h.checksum), '[]') from ${sql.id(schema, 'migration_history')} h
    where h.migration_id = f.id and h.status = 'completed' and h.checksum <> f.checksum)) else '{}' end`
}
