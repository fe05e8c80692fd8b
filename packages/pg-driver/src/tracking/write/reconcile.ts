import type { Migration, MigrationStatus } from '@tidemark/core'
import { sql } from 'kysely'
import type { Connection } from '../../connection/connection.ts'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { executeGuarded } from '../read/guarded.ts'
import { asStatus } from '../schema/create-tables.ts'
import { TRACKING_TABLES } from '../schema/tracking-schema.ts'
import { insertAttempt } from './insert-attempt.ts'
import {
  fileColumns,
  fileRecords,
  filesParameter,
  fileValues,
  idsOf,
  NULL,
  withoutRowState,
  writtenAt,
} from './migration-columns.ts'

/**
 * A row whose status is not what its newest attempt came to: edited by hand, or left `running` by a run that
 * died.
 */
export interface UnexplainedRow {
  readonly id: string
  readonly status: MigrationStatus
}

const selectUnexplained = defineStatement<object>(({ db, schema }) =>
  db
    .selectFrom('schema_migrations as m')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('migration_history as h')
          .select('h.status')
          .whereRef('h.migration_id', '=', 'm.id')
          .where(sql<string>`coalesce(h.details->>'still', '')`, '<>', sql.lit('applied'))
          .orderBy('h.sequence', 'desc')
          .limit(sql.lit(1))
          .as('last'),
      (join) => join.onTrue(),
    )
    .select(['m.id', 'm.status', sql<boolean>`false`.as('is_summary')])
    .where((eb) =>
      eb.or([
        eb('m.status', '=', sql.lit('running')),
        eb(sql`m.status::pg_catalog.text`, '<>', sql`coalesce(last.status::pg_catalog.text, 'pending')`),
      ]),
    )
    .unionAll(
      db
        .selectNoFrom([
          sql<string>`''`.as('id'),
          sql<MigrationStatus>`'completed'`.as('status'),
          sql<boolean>`true`.as('is_summary'),
        ])
        .where(
          sql<boolean>`(select max(h.sequence) from ${sql.id(schema, 'migration_history')} h)
            > coalesce((select max(d.sequence) from ${sql.id(schema, 'database_schema')} d), 0)`,
        ),
    ),
)

/** What earlier runs left unexplained or unfinished. */
export interface UnreconciledRows {
  readonly rows: readonly UnexplainedRow[]
  /** A run was cut off between its last commit and the rewriting of the summary. */
  readonly isSummaryBehind: boolean
}

/**
 * Finds the rows that no attempt explains, and those that a dead run left `running`. One query; fails when
 * the tables are not there.
 */
export async function findUnreconciledRows(
  connection: Connection,
  schema: string,
): Promise<UnreconciledRows> {
  const found = await executeGuarded<UnexplainedRow & { readonly is_summary: boolean }>(connection, schema, {
    tables: TRACKING_TABLES,
    statement: selectUnexplained(schema, {}),
  })
  return {
    rows: found.flatMap(({ id, status, is_summary }) => (is_summary ? [] : [{ id, status }])),
    isSummaryBehind: found.some((row) => row.is_summary),
  }
}

const takeFiles = defineStatement<{ readonly files: string }>(
  ({ schema, parameter }) => sql`update ${sql.id(schema, 'schema_migrations')} as m
    set (${fileColumns}) = row(${fileValues(schema, 'applied')})
    from ${fileRecords(parameter('files', 'json'))} where m.id = f.id`,
)

const auditManualEdits = defineStatement<{ readonly ids: string; readonly toolVersion: string }>(
  ({ db, schema, parameter }) => {
    const edited = db
      .updateTable('schema_migrations')
      .set({
        applied_at: sql<Date | null>`case when status = 'completed' then coalesce(applied_at, ${writtenAt}) end`,
        error_message: sql<string | null>`case when status = 'failed' then error_message end`,
        direction: NULL,
        statements_done: NULL,
        progress: NULL,
        header: withoutRowState,
        tool_version: parameter('toolVersion', 'text'),
        updated_at: writtenAt,
      })
      .where('id', 'in', idsOf(parameter('ids', 'json')))
      .returning(['id', 'status', 'checksum', 'error_message'])
    return sql`with edited as (${edited}) ${insertAttempt(schema, sql`edited`, {
      migration_id: sql`id`,
      status: asStatus(schema, sql`status`),
      direction: sql.lit('mark'),
      error_message: sql`error_message`,
      executed_by: sql.lit('(by hand)'),
      checksum: sql`checksum`,
    })}`
  },
)

const DEAD_RUNNER = 'the run ended before the migration did'

const failDeadRuns = defineStatement<{ readonly ids: string }>(({ db, schema, parameter }) => {
  const dead = db
    .updateTable('schema_migrations')
    .set({
      status: sql.lit('failed'),
      error_message: sql.lit(DEAD_RUNNER),
      direction: sql<string>`coalesce(direction, 'up')`,
      updated_at: writtenAt,
    })
    .where('id', 'in', idsOf(parameter('ids', 'json')))
    .returning([
      'id',
      'direction',
      'error_message',
      'run_id',
      'applied_by',
      'checksum',
      'statements_done',
      'progress',
    ])
  return sql`with dead as (${dead}) ${insertAttempt(schema, sql`dead`, {
    migration_id: sql`id`,
    status: sql.lit('failed'),
    direction: sql`direction`,
    error_message: sql`error_message`,
    run_id: sql`run_id`,
    executed_by: sql`applied_by`,
    checksum: sql`checksum`,
    details: sql`case when progress is null then pg_catalog.jsonb_build_object('statementsDone', statements_done)
      else pg_catalog.jsonb_build_object('batches', progress) end`,
  })}`
})

/**
 * Builds what makes unexplained rows explained: rows completed by hand take the file's text and checksum,
 * edits are kept and audited as `(by hand)`, and what a dead run left `running` is `failed` with what it had
 * done.
 */
export function reconcileStatements(
  schema: string,
  rows: readonly UnexplainedRow[],
  migrations: readonly Migration[],
  toolVersion: string,
): readonly CompiledStatement[] {
  const dead = rows.filter(({ status }) => status === 'running').map(({ id }) => id)
  const edited = rows.filter(({ status }) => status !== 'running')
  const completed = new Set(edited.filter(({ status }) => status === 'completed').map(({ id }) => id))
  const files = migrations.filter(({ id }) => completed.has(id))
  return [
    ...(dead.length === 0 ? [] : [failDeadRuns(schema, { ids: JSON.stringify(dead) })]),
    ...(files.length === 0 ? [] : [takeFiles(schema, { files: filesParameter(files) })]),
    ...(edited.length === 0
      ? []
      : [auditManualEdits(schema, { ids: JSON.stringify(edited.map(({ id }) => id)), toolVersion })]),
  ]
}
