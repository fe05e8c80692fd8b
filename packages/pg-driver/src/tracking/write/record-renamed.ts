import type { Migration, RunIdentity } from '@tidemark/core'
import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from './insert-attempt.ts'
import {
  filesParameter,
  NO_ATTEMPT,
  upsertFiles,
  withoutRowState,
  writerColumns,
  writtenAt,
} from './migration-columns.ts'
import { placesOf } from './places.ts'

interface RenamedValues extends RunValues {
  readonly files: string
  readonly id: string
  readonly renamedFrom: string
}

const recordRenamed = defineStatement<RenamedValues>((tools) => {
  const { schema, parameter } = tools
  const rows = sql.id(schema, 'schema_migrations')
  const [id, former] = [parameter('id', 'text'), parameter('renamedFrom', 'text')]
  const { run_id, applied_by, ...writer } = writerColumns(tools)
  const status = sql.lit('completed')
  /** A fact of the row that it was; `m` is the row that it becomes. */
  const moved = (name: string) => sql`(select o.${sql.id(name)} from ${rows} o where o.id = ${former})`
  const columns = {
    status,
    applied_at: moved('applied_at'),
    execution_time_ms: moved('execution_time_ms'),
    run_id: moved('run_id'),
    applied_by: moved('applied_by'),
    ...writer,
  }
  const recorded = upsertFiles(tools, {
    as: 'applied',
    keep: ['replaced_by'],
    inserted: columns,
    updated: { ...columns, ...NO_ATTEMPT },
  })
  const listed = (
    list: ReturnType<typeof sql>,
  ) => sql`(select coalesce(pg_catalog.jsonb_agg(case when e.id = ${former} then ${id} else e.id end order by e.place), '[]')
      from pg_catalog.jsonb_array_elements_text(${list}) with ordinality as e(id, place))`
  const inHeader = (
    path: string,
  ) => sql`case when pg_catalog.jsonb_typeof(m.header #> ${sql.lit(path)}) = 'array'
      then ${listed(sql`m.header #> ${sql.lit(path)}`)} end`
  const renamedBy = sql`case when m.header->>'replaced_by' = ${former} then pg_catalog.to_jsonb(${id}) end`
  const lists = ['{dependsOn}', '{replaces}', '{in_force,depends_on}', '{in_force,header,dependsOn}']
  const header = lists.reduce(
    (all, path) =>
      sql`pg_catalog.jsonb_set_lax(${all}, ${sql.lit(path)}, ${inHeader(path)}, false, 'return_target')`,
    sql`pg_catalog.jsonb_set_lax(m.header, '{replaced_by}', ${renamedBy}, false, 'return_target')`,
  )
  const place = sql`(select p.place from (${placesOf(schema)}) p where p.id = ${former})`
  const attempt = insertAttempt(schema, sql`recorded`, {
    migration_id: sql`id`,
    status,
    direction: sql.lit('repair'),
    checksum: sql`checksum`,
    ...runColumns(tools),
    details: sql`coalesce(${parameter('details', 'jsonb')}, '{}')
      || pg_catalog.jsonb_build_object('renamed_from', ${former}, 'place', ${place})`,
  })
  const undone = insertAttempt(schema, sql`former`, {
    migration_id: sql`id`,
    status: sql.lit('rolled_back'),
    direction: sql.lit('repair'),
    checksum: sql`checksum`,
    ...runColumns(tools),
    details: sql`coalesce(${parameter('details', 'jsonb')}, '{}') || pg_catalog.jsonb_build_object('renamed_to', ${id})`,
  })
  return sql`with recorded as (${recorded} returning m.id, m.checksum),
    former as (
      update ${rows} m set status = 'rolled_back', applied_at = null, error_message = null, direction = null, statements_done = null,
        header = ${withoutRowState}, updated_at = ${writtenAt}
      where m.id = ${former} returning m.id, m.checksum),
    others as (
      update ${rows} m set depends_on = pg_catalog.array_replace(m.depends_on, ${former}, ${id}), header = ${header}, updated_at = ${writtenAt}
      where m.id not in (${former}, ${id}) and (${former} = any (m.depends_on) or m.header->>'replaced_by' = ${former}
        or ${sql.join(
          ['{dependsOn}', '{replaces}', '{in_force,depends_on}'].map(
            (path) => sql`pg_catalog.jsonb_exists(m.header #> ${sql.lit(path)}, ${former})`,
          ),
          sql` or `,
        )})),
    left_behind as (${undone})
    ${attempt}`
})

/**
 * Builds what records an applied migration under the name that its file has now: place, time, duration and
 * run move to the new row, the old one counts as rolled back, and what depends on it, replaces it or was
 * replaced by it names the new one, all in one statement.
 */
export function recordRenamedStatement(
  schema: string,
  data: { readonly migration: Migration; readonly renamedFrom: string; readonly run: RunIdentity },
): CompiledStatement {
  const { migration, renamedFrom, run } = data
  return recordRenamed(schema, {
    ...runValues(run, migration.id, undefined),
    files: filesParameter([migration]),
    id: migration.id,
    renamedFrom,
  })
}
