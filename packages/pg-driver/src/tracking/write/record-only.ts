import type { Migration, MigrationStatus, RunIdentity } from '@tidemark/core'
import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { asStatus } from '../schema/create-tables.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from './insert-attempt.ts'
import {
  appliedAt,
  fileRecords,
  filesParameter,
  idsOf,
  NO_ATTEMPT,
  NULL,
  upsertFiles,
  withoutRowState,
  writerColumns,
  writtenAt,
} from './migration-columns.ts'
import { isReplacedBy } from './record.ts'

const recordApplied = defineStatement<RunValues & { readonly files: string; readonly direction: string }>(
  (tools) => {
    const { schema, parameter } = tools
    const { updated_at, ...writer } = writerColumns(tools)
    const status = sql.lit('completed')
    const recorded = upsertFiles(tools, {
      as: 'applied',
      keep: ['replaced_by'],
      inserted: { status, applied_at: writtenAt, ...writer },
      updated: { status, applied_at: appliedAt, ...NO_ATTEMPT, ...writer, updated_at },
    })
    const attempt = insertAttempt(schema, sql`recorded`, {
      migration_id: sql`id`,
      status,
      direction: parameter('direction', 'text'),
      checksum: sql`checksum`,
      ...runColumns(tools),
    })
    return sql`with recorded as (${recorded} returning id, checksum),
    replaced as (
      update ${sql.id(schema, 'schema_migrations')} m
      set header = m.header || pg_catalog.jsonb_build_object('replaced_by', f.id), updated_at = ${writtenAt}
      from ${fileRecords(parameter('files', 'json'))}
      where m.id <> f.id and ${isReplacedBy(sql`f.header->'replaces'`)})
    ${attempt}`
  },
)

const recordNotApplied = defineStatement<RunValues & { readonly ids: string; readonly status: string }>(
  (tools) => {
    const { db, schema, parameter } = tools
    const recorded = db
      .updateTable('schema_migrations')
      .set({
        status: sql<MigrationStatus>`${parameter('status', 'text')}::${sql.id(schema, 'migration_status')}`,
        applied_at: NULL,
        ...NO_ATTEMPT,
        header: withoutRowState,
        ...writerColumns(tools),
      })
      .where('id', 'in', idsOf(parameter('ids', 'json')))
      .returning(['id', 'checksum', 'status'])
    return sql`with recorded as (${recorded}) ${insertAttempt(schema, sql`recorded`, {
      migration_id: sql`id`,
      status: asStatus(schema, sql`status`),
      direction: sql.lit('mark'),
      checksum: sql`checksum`,
      ...runColumns(tools),
    })}`
  },
)

/** What recording without executing says of itself. */
export interface RecordOnlyData {
  readonly run: RunIdentity
  /** Goes into the attempts' `details`, such as `{ "reason": … }`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * Builds what records files as applied without executing them: `mark --as completed`, `baseline`, a squash
 * whose replaced ids are applied, and `repair --adopt`, which keeps `applied_at`. Any number of files in one
 * statement.
 */
export function recordOnlyAppliedStatement(
  schema: string,
  {
    run,
    details,
    migrations,
    direction,
  }: RecordOnlyData & {
    readonly migrations: readonly Migration[]
    readonly direction: 'mark' | 'baseline' | 'repair'
  },
): CompiledStatement {
  const files = filesParameter(migrations)
  return recordApplied(schema, { ...runValues(run, undefined, details), files, direction })
}

/**
 * Builds what takes the record of migrations back without executing anything; ids without a row are passed
 * over.
 */
export function recordNotAppliedStatement(
  schema: string,
  {
    run,
    details,
    ids,
    status,
  }: RecordOnlyData & {
    readonly ids: readonly string[]
    readonly status: 'pending' | 'rolled_back'
  },
): CompiledStatement {
  return recordNotApplied(schema, { ...runValues(run, undefined, details), ids: JSON.stringify(ids), status })
}
