import type { Migration, RunIdentity } from '@tidemark/core'
import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { appliedAt, withoutRowState } from '../read/row-state-columns.ts'
import { attemptJson } from './attempt-json.ts'
import {
  asStatus,
  fileColumns,
  fileRecords,
  filesParameter,
  fileUpdates,
  fileValues,
} from './file-records.ts'
import { isReplacedBy } from './replaced-rows.ts'

interface MarkValues {
  readonly files: string
  readonly ids: string
  readonly status: string
  readonly direction: string
  readonly runId: string
  readonly executedBy: string
  readonly toolVersion: string
  readonly details: string | null
}

const adopt = defineStatement<MarkValues>(({ schema, parameter }) => {
  const table = sql.id(schema, 'schema_migrations')
  return sql`with recorded as (
      insert into ${table} as m (${fileColumns}, status, applied_at, run_id, applied_by, tool_version)
      select ${fileValues(schema, 'applied')}, 'completed', pg_catalog.clock_timestamp(), ${parameter('runId', 'uuid')},
        ${parameter('executedBy', 'text')}, ${parameter('toolVersion', 'text')}
      from ${fileRecords(parameter('files', 'json'))}
      on conflict (id) do update set ${fileUpdates(['replaced_by', 'applied_run_id'])}, status = 'completed', applied_at = ${appliedAt},
        error_message = null, direction = null, statements_done = null, run_id = excluded.run_id,
        applied_by = excluded.applied_by, tool_version = excluded.tool_version, updated_at = pg_catalog.clock_timestamp()
      returning id, checksum),
    replaced as (
      update ${table} m set header = m.header || pg_catalog.jsonb_build_object('replaced_by', f.id), updated_at = pg_catalog.clock_timestamp()
      from ${fileRecords(parameter('files', 'json'))}
      where m.id <> f.id and ${isReplacedBy(sql`f.header->'replaces'`)})
    insert into ${sql.id(schema, 'migration_history')}
      (migration_id, status, direction, run_id, executed_by, checksum, details, executed_at)
    select id, 'completed', ${parameter('direction', 'text')}, ${parameter('runId', 'uuid')},
      ${parameter('executedBy', 'text')}, checksum, ${parameter('details', 'jsonb')}, pg_catalog.clock_timestamp()
    from recorded`
})

const reset = defineStatement<MarkValues>(
  ({ schema, parameter }) => sql`with recorded as (
      update ${sql.id(schema, 'schema_migrations')}
      set status = ${parameter('status', 'text')}::${sql.id(schema, 'migration_status')}, applied_at = null, error_message = null,
        direction = null, statements_done = null, header = ${withoutRowState}, run_id = ${parameter('runId', 'uuid')},
        applied_by = ${parameter('executedBy', 'text')}, tool_version = ${parameter('toolVersion', 'text')},
        updated_at = pg_catalog.clock_timestamp()
      where id in (select pg_catalog.json_array_elements_text(${parameter('ids', 'json')}))
      returning id, checksum, status)
    insert into ${sql.id(schema, 'migration_history')}
      (migration_id, status, direction, run_id, executed_by, checksum, details, executed_at)
    select id, ${asStatus(schema, sql`status`)}, 'mark', ${parameter('runId', 'uuid')}, ${parameter('executedBy', 'text')}, checksum,
      ${parameter('details', 'jsonb')}, pg_catalog.clock_timestamp()
    from recorded`,
)

/** What recording without executing says of itself. */
export interface MarkData {
  readonly run: RunIdentity
  /** Goes into the attempts' `details`, such as `{ "reason": … }`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * Builds what records files as applied without executing them: `mark --as completed`, `baseline`, a squash whose replaced
 * ids are applied, and `repair --adopt`, which keeps `applied_at`. Any number of files in one statement.
 */
export function adoptStatement(
  schema: string,
  data: MarkData & {
    readonly migrations: readonly Migration[]
    readonly direction: 'mark' | 'baseline' | 'repair'
  },
): CompiledStatement {
  return adopt(schema, {
    ...markValues(data),
    files: filesParameter(data.migrations),
    ids: '[]',
    status: 'completed',
    direction: data.direction,
  })
}

/** Builds what takes the record of migrations back without executing anything; ids without a row are passed over. */
export function resetStatement(
  schema: string,
  data: MarkData & { readonly ids: readonly string[]; readonly status: 'pending' | 'rolled_back' },
): CompiledStatement {
  return reset(schema, {
    ...markValues(data),
    files: '[]',
    ids: JSON.stringify(data.ids),
    status: data.status,
    direction: 'mark',
  })
}

function markValues({ run, details }: MarkData) {
  return {
    runId: run.runId,
    executedBy: run.executedBy,
    toolVersion: run.toolVersion,
    details: attemptJson(run, undefined, details),
  }
}
