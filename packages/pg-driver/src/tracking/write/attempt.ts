import type { BatchProgress, Migration, MigrationStatus, RunIdentity, StoredMigration } from '@tidemark/core'
import { type OperationNodeSource, type RawBuilder, sql } from 'kysely'
import {
  type CompiledStatement,
  defineStatement,
  type StatementTools,
} from '../../statement/compiled-statement.ts'
import { storableJson, storableText } from '../../statement/storable.ts'
import type { StatementProgress, StoredHeader } from '../../statement/tracking-tables.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from './insert-attempt.ts'
import { filesParameter, NULL, upsertFiles, writerColumns, writtenAt } from './migration-columns.ts'
import { raise } from './precondition.ts'

/** The migration of an attempt: going up the file travels along. */
export type AttemptSubject =
  | { readonly direction: 'up'; readonly migration: Migration }
  | { readonly direction: 'down'; readonly id: string }

/** An attempt that begins, with the SQL that it runs. */
export type StartedSubject =
  | Extract<AttemptSubject, { readonly direction: 'up' }>
  | (Extract<AttemptSubject, { readonly direction: 'down' }> & { readonly stored: StoredMigration })

/** An attempt that failed. */
export interface FailedData {
  readonly subject: AttemptSubject
  readonly run: RunIdentity
  readonly errorMessage: string
  /** Of a non-transactional attempt, whose finished statements stay; null when all was rolled back. */
  readonly statementsDone: number | null
  readonly executionTimeMs: number | null
  readonly details?: Readonly<Record<string, unknown>>
}

interface AttemptValues extends RunValues {
  readonly id: string
  readonly files: string
  readonly direction: string
  readonly errorMessage: string | null
  readonly statementsDone: number | null
  readonly executionTimeMs: number | null
}

const failUp = defineStatement<AttemptValues>((tools) => withFailedAttempt(tools, putFile(tools, 'failed')))
const failDown = defineStatement<AttemptValues>((tools) =>
  withFailedAttempt(tools, updateRow(tools, sql.lit('failed'))),
)
const failButKeepApplied = defineStatement<AttemptValues>((tools) =>
  withFailedAttempt(tools, updateRow(tools, APPLIED_AS_BEFORE)),
)
const startUp = defineStatement<AttemptValues>((tools) => putFile(tools, 'running'))
const startDown = defineStatement<AttemptValues & { readonly down: string }>(startRollback)

/**
 * Builds what a failed attempt leaves, after the rollback (I5): the row says `failed` with text, checksum and
 * error of this attempt, and the history has the attempt. A rollback that failed in its transaction leaves
 * the migration applied: its row keeps the status and the attempt's details say `{"still":"applied"}`.
 */
export function recordFailedStatement(schema: string, data: FailedData): CompiledStatement {
  const staysApplied = data.subject.direction === 'down' && data.statementsDone === null
  const details = staysApplied ? { ...data.details, still: 'applied' } : data.details
  const values = attemptValues(data.subject, data.run, {
    errorMessage: storableText(data.errorMessage),
    statementsDone: data.statementsDone,
    executionTimeMs: data.executionTimeMs === null ? null : Math.round(data.executionTimeMs),
    details,
  })
  if (staysApplied) return failButKeepApplied(schema, values)
  return data.subject.direction === 'up' ? failUp(schema, values) : failDown(schema, values)
}

/**
 * Builds what says `running` before the first statement of a step that commits more than once; it is committed
 * by itself. Answers one row `{ progress, batches }` of an attempt before: the {@link StatementProgress} that it
 * had started, and how far it was in batches; or null.
 */
export function startStatement(
  schema: string,
  data: {
    readonly subject: StartedSubject
    readonly run: RunIdentity
    readonly statementsDone: number
  },
): CompiledStatement {
  const values = attemptValues(data.subject, data.run, {
    errorMessage: null,
    statementsDone: data.statementsDone,
    executionTimeMs: null,
    details: undefined,
  })
  if (data.subject.direction === 'up') return startUp(schema, values)
  const { downSql, header } = data.subject.stored
  const { transaction, role, lockTimeoutMs, statementTimeoutMs } = header
  const how = { transaction, role, lockTimeoutMs, statementTimeoutMs }
  return startDown(schema, { ...values, down: storableJson({ downSql, how }) })
}

const progress = defineStatement<{
  readonly id: string
  readonly runId: string
  readonly done: number
  readonly started: string | null
}>(({ db, parameter }) => {
  const started = parameter('started', 'jsonb')
  const moved = db
    .updateTable('schema_migrations')
    .set({
      statements_done: parameter<number>('done', 'int4'),
      updated_at: writtenAt,
      header: sql<StoredHeader>`case when ${started} is null then header - 'progress'
        else header || pg_catalog.jsonb_build_object('progress', ${started}) end`,
    })
    .where('id', '=', parameter('id', 'text'))
    .where('run_id', '=', parameter('runId', 'uuid'))
    .where('status', '=', sql.lit('running'))
    .returning('id')
  return sql`with moved as (${moved}) select case when not exists (select from moved) then ${raise('row')} end as raised`
})

/**
 * Builds the progress of a non-transactional migration: how many statements are done, and before a statement
 * that cannot run in a transaction, which one is started. It raises (`readPreconditionFailure`: `row`) when
 * the row is no longer this run's.
 */
export function progressStatement(
  schema: string,
  data: {
    readonly id: string
    readonly runId: string
    readonly statementsDone: number
    readonly started: StatementProgress | null
  },
): CompiledStatement {
  const { id, runId, statementsDone: done, started } = data
  return progress(schema, { id, runId, done, started: started === null ? null : storableJson(started) })
}

const batchProgress = defineStatement<{
  readonly id: string
  readonly runId: string
  readonly progress: string
}>(({ db, parameter }) => {
  const moved = db
    .updateTable('schema_migrations')
    .set({ progress: sql<BatchProgress>`${parameter('progress', 'jsonb')}`, updated_at: writtenAt })
    .where('id', '=', parameter('id', 'text'))
    .where('run_id', '=', parameter('runId', 'uuid'))
    .where('status', '=', sql.lit('running'))
    .returning('id')
  return sql`with moved as (${moved}) select case when not exists (select from moved) then ${raise('row')} end as raised`
})

/**
 * Builds the progress of a batch, for the transaction of the batch: so each row is done once. It raises
 * (`readPreconditionFailure`: `row`) when the row is no longer this run's.
 */
export function batchProgressStatement(
  schema: string,
  data: { readonly id: string; readonly runId: string; readonly progress: BatchProgress },
): CompiledStatement {
  return batchProgress(schema, { ...data, progress: storableJson(data.progress) })
}

const pause = defineStatement<RunValues & { readonly id: string }>((tools) => {
  const { db, schema, parameter } = tools
  const paused = db
    .updateTable('schema_migrations')
    .set({ status: sql.lit('pending'), direction: NULL, statements_done: NULL, ...writerColumns(tools) })
    .where('id', '=', parameter('id', 'text'))
    .where('run_id', '=', parameter('runId', 'uuid'))
    .where('status', '=', sql.lit('running'))
    .returning(['id', 'checksum', 'status'])
  return sql`with paused as (${paused}) ${insertAttempt(schema, sql`paused`, {
    migration_id: sql`id`,
    status: sql.lit('pending'),
    direction: sql.lit('up'),
    checksum: sql`checksum`,
    ...runColumns(tools),
  })}`
})

/** Builds what makes a walk pending that was stopped between two batches: what is done of it stays in the row. */
export function pauseStatement(
  schema: string,
  {
    id,
    run,
    details,
  }: {
    readonly id: string
    readonly run: RunIdentity
    readonly details: Readonly<Record<string, unknown>>
  },
): CompiledStatement {
  return pause(schema, { ...runValues(run, id, details), id })
}

function attemptValues(
  subject: AttemptSubject,
  run: RunIdentity,
  {
    details,
    ...rest
  }: Pick<AttemptValues, 'errorMessage' | 'statementsDone' | 'executionTimeMs'> & {
    readonly details: FailedData['details'] | undefined
  },
): AttemptValues {
  const id = subject.direction === 'up' ? subject.migration.id : subject.id
  return {
    ...rest,
    ...runValues(run, id, details),
    id,
    files: subject.direction === 'up' ? filesParameter([subject.migration]) : '[]',
    direction: subject.direction,
  }
}

type Tools = StatementTools<AttemptValues>

/** What runs once and is completed now was completed by another run, which this one knew nothing of. */
const STILL_OURS = sql`where m.status <> 'completed' or excluded.header->>'run' = 'on_change'`

/** Writes row and text; a resumed attempt keeps what was started. */
function putFile(tools: Tools, status: 'failed' | 'running'): RawBuilder<unknown> {
  const { updated_at, ...writer } = writerColumns(tools)
  const columns = {
    status: sql.lit(status),
    error_message: tools.parameter('errorMessage', 'text'),
    direction: sql.lit('up'),
    statements_done: tools.parameter('statementsDone', 'int4'),
    ...writer,
  }
  return sql`${upsertFiles(tools, {
    as: 'known',
    keep: ['progress', 'replaced_by', 'last_applied_at', 'last_applied_after', 'in_force'],
    inserted: columns,
    updated: { ...columns, updated_at },
  })} ${status === 'failed' ? STILL_OURS : sql``}
    returning id, checksum, header->'progress' as progress, progress as batches`
}

function updateRow(tools: Tools, status: RawBuilder<MigrationStatus>) {
  const { db, parameter } = tools
  const statementsDone = parameter<number | null>('statementsDone', 'int4')
  return db
    .updateTable('schema_migrations as m')
    .set({
      status,
      error_message: parameter('errorMessage', 'text'),
      direction: sql<string | null>`case when ${statementsDone} is null then null else 'down' end`,
      statements_done: statementsDone,
      ...writerColumns(tools),
    })
    .where('m.id', '=', parameter('id', 'text'))
    .returning(['m.id', 'm.checksum', sql`m.header->'progress'`.as('progress'), 'm.progress as batches'])
}

/** A rollback without a transaction that changed nothing had said `running`. */
const APPLIED_AS_BEFORE = sql<MigrationStatus>`case when m.status <> 'running' then m.status
    when pg_catalog.jsonb_exists(m.header, 'in_force') then 'failed' else 'completed' end`

/** What runs may be of a file: the row keeps it, so that the next rollback continues with the same SQL. */
function startRollback(tools: StatementTools<AttemptValues & { readonly down: string }>) {
  const down = tools.parameter('down', 'json')
  const isOther = sql`(coalesce(m.header #>> '{in_force,down_sql}', m.down_sql) is distinct from ${down}->>'downSql'
    or coalesce(m.header #>> '{in_force,header,transaction}', m.header->>'transaction') is distinct from ${down}->'how'->>'transaction')`
  return updateRow(tools, sql.lit('running')).set({
    down_sql: sql<string | null>`case when ${isOther} then ${down}->>'downSql' else m.down_sql end`,
    header: sql<StoredHeader>`case when ${isOther} then (m.header - 'in_force') || (${down}->'how')::pg_catalog.jsonb else m.header end`,
  })
}

function withFailedAttempt(tools: Tools, write: OperationNodeSource): RawBuilder<unknown> {
  const { schema, parameter } = tools
  return sql`with recorded as (${write}) ${insertAttempt(schema, sql`recorded`, {
    migration_id: sql`id`,
    status: sql.lit('failed'),
    direction: parameter('direction', 'text'),
    execution_time_ms: parameter('executionTimeMs', 'int4'),
    error_message: parameter('errorMessage', 'text'),
    checksum: sql`checksum`,
    ...runColumns(tools),
  })}`
}
