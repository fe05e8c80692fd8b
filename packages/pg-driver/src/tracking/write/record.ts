import type { Migration, RunIdentity } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import {
  type CompiledStatement,
  defineStatement,
  type StatementTools,
} from '../../statement/compiled-statement.ts'
import { appliedAt, withoutRowState } from '../read/row-state-columns.ts'
import { attemptJson } from './attempt-json.ts'
import { fileColumns, fileRecords, filesParameter, fileUpdates, fileValues } from './file-records.ts'
import { COMMIT_TOKEN, raise } from './precondition.ts'
import { isReplacedBy } from './replaced-rows.ts'

/** Which transaction a record must find itself in. */
export type ExpectedTransaction =
  /** The one that the guard began; it remembers it in a setting. */
  | { readonly kind: 'guarded' }
  /** The one with this id, which the guard answered: for files that reset settings. */
  | { readonly kind: 'known'; readonly xid: string }
  /** None: each statement committed by itself, and the client measured the time. */
  | { readonly kind: 'none'; readonly executionTimeMs: number }

/** What a record says of a step that is done. */
export interface RecordData {
  readonly run: RunIdentity
  readonly transaction: ExpectedTransaction
  /** Goes into the attempt's `details`. */
  readonly details?: Readonly<Record<string, unknown>>
  /** What the next step's guard looks for, see `chainedPreconditionStatement`; only where {@link setsMark} says so. */
  readonly mark?: string | undefined
}

interface RecordValues {
  readonly id: string
  readonly checksum: string
  readonly xid: string | null
  readonly executionTimeMs: number | null
  readonly runId: string
  readonly executedBy: string
  readonly toolVersion: string
  readonly details: string | null
  readonly replaces: string
  readonly files: string
}

const recordMarked = defineStatement<RecordValues & { readonly mark: string }>(markedRecord)
const recordRegistered = defineStatement<RecordValues>((tools) =>
  recordApplied(tools, setCompleted(tools), sql``),
)
const recordSquash = defineStatement<RecordValues>((tools) =>
  recordApplied(tools, setCompleted(tools), setAside(tools)),
)
const recordCarried = defineStatement<RecordValues>((tools) =>
  recordApplied(tools, putCompleted(tools), setAside(tools)),
)
const recordDown = defineStatement<RecordValues>(recordRollback)

/**
 * Builds the record of an applied migration: one statement that completes the row and adds the attempt. It raises inside
 * itself unless it runs in the expected transaction (`readPreconditionFailure`: `transaction`) and the row holds what this run
 * registered (`row`). Answers one row `{ execution_time_ms }`.
 * The text of an `on_change` file travels with it, since a completed row keeps what ran until the new text has run.
 */
export function recordAppliedStatement(
  schema: string,
  data: RecordData & { readonly migration: Migration },
): CompiledStatement {
  const { migration } = data
  const carried = migration.header.run === 'on_change'
  const { replaces } = migration.header
  if (data.mark !== undefined && setsMark(data)) {
    return recordMarked(schema, {
      ...recordValues(migration.id, data),
      id: migration.id,
      checksum: migration.checksum,
      replaces: '[]',
      files: '[]',
      mark: data.mark,
    })
  }
  const shape = carried ? recordCarried : replaces.length > 0 ? recordSquash : recordRegistered
  return shape(schema, {
    ...recordValues(migration.id, data),
    id: migration.id,
    checksum: migration.checksum,
    replaces: JSON.stringify(replaces),
    files: carried ? filesParameter([migration]) : '[]',
  })
}

/** Tells whether the record itself sets the mark, as that of nearly every migration does. */
export function setsMark({
  migration,
  transaction,
}: Omit<RecordData, 'run'> & { readonly migration: Migration }) {
  const { run, replaces } = migration.header
  return transaction.kind === 'guarded' && run !== 'on_change' && replaces.length === 0
}

/** Builds the record of a migration that was rolled back, in the XXmanner of {@link recordAppliedStatement}. */
export function recordRolledBackStatement(
  schema: string,
  data: RecordData & { readonly id: string },
): CompiledStatement {
  return recordDown(schema, {
    ...recordValues(data.id, data),
    id: data.id,
    checksum: '',
    replaces: '[]',
    files: '[]',
  })
}

function recordValues(id: string, { transaction, run, details }: RecordData) {
  return {
    xid: transaction.kind === 'guarded' ? null : transaction.kind === 'known' ? transaction.xid : 'none',
    executionTimeMs: transaction.kind === 'none' ? Math.round(transaction.executionTimeMs) : null,
    runId: run.runId,
    executedBy: run.executedBy,
    toolVersion: run.toolVersion,
    details: attemptJson(run, id, details),
  }
}

type Tools = StatementTools<RecordValues>

function recordApplied(tools: Tools, write: RawBuilder<unknown>, further: RawBuilder<unknown>) {
  return sql`with recorded as (${write} returning id, checksum, execution_time_ms)${further}
    ${addCheckedAttempt(tools, 'completed', 'up')}`
}

/** What {@link recordApplied} does, for what nearly every migration is: as little as there is to do. */
function markedRecord(tools: StatementTools<RecordValues & { readonly mark: string }>): RawBuilder<unknown> {
  const { schema, parameter } = tools
  const own = sql`pg_catalog.pg_current_xact_id()::pg_catalog.text`
  return sql`with recorded as (
      update ${sql.id(schema, 'schema_migrations')} as m
      set status = 'completed', applied_at = ${appliedAt}, execution_time_ms = ${sinceBegin},
        header = case when pg_catalog.jsonb_exists_any(m.header, '{progress,in_force,applied_run_id}') then ${withoutRowState} else m.header end,
        error_message = null, direction = null, statements_done = null, run_id = ${parameter('runId', 'uuid')},
        applied_by = ${parameter('executedBy', 'text')}, tool_version = ${parameter('toolVersion', 'text')},
        updated_at = pg_catalog.clock_timestamp()
      where id = ${parameter('id', 'text')} and checksum = ${parameter('checksum', 'text')} and status <> 'completed'
      returning id, checksum, execution_time_ms)
    insert into ${sql.id(schema, 'migration_history')}
      (migration_id, status, direction, execution_time_ms, run_id, executed_by, checksum, details, executed_at)
    select case when pg_catalog.current_setting('tidemark.xid', true) is distinct from ${own} then ${raise('transaction')}::pg_catalog.text
        when recorded.id is null then ${raise('row')}::pg_catalog.text else recorded.id end,
      'completed', 'up', execution_time_ms, ${parameter('runId', 'uuid')}, ${parameter('executedBy', 'text')}, checksum,
      ${parameter('details', 'jsonb')}, pg_catalog.clock_timestamp()
    from (select) as one left join recorded on true
    returning execution_time_ms, pg_catalog.set_config(${sql.lit(COMMIT_TOKEN)}, ${parameter('mark', 'text')}, false)`
}

function recordRollback(tools: Tools): RawBuilder<unknown> {
  const { schema, parameter } = tools
  return sql`with recorded as (
      update ${sql.id(schema, 'schema_migrations')} set status = 'rolled_back', applied_at = null, ${finished(tools)}
      where id = ${parameter('id', 'text')} returning id, checksum, execution_time_ms),
    replaced as (
      update ${sql.id(schema, 'schema_migrations')} m
      set status = 'rolled_back', applied_at = null, header = header - '{replaced_by,progress,in_force,applied_run_id}'::pg_catalog.text[], updated_at = pg_catalog.clock_timestamp()
      where header->>'replaced_by' = ${parameter('id', 'text')} returning id, checksum),
    noted_too as (
      insert into ${sql.id(schema, 'migration_history')} (migration_id, status, direction, run_id, executed_by, checksum, details, executed_at)
      select id, 'rolled_back', 'down', ${parameter('runId', 'uuid')}, ${parameter('executedBy', 'text')}, checksum,
        pg_catalog.jsonb_build_object('replaced_by', ${parameter('id', 'text')}), pg_catalog.clock_timestamp() from replaced)
    ${addCheckedAttempt(tools, 'rolled_back', 'down')}`
}

/**
 * Completes the registered row: its text was written by this run, so only its checksum travels. A row that is completed
 * already was completed by someone else since the guard looked, and raises.
 */
function setCompleted(tools: Tools): RawBuilder<unknown> {
  const { schema, parameter } = tools
  return sql`update ${sql.id(schema, 'schema_migrations')} as m
    set status = 'completed', applied_at = ${appliedAt}, ${finished(tools)}
    where id = ${parameter('id', 'text')} and checksum = ${parameter('checksum', 'text')} and status <> 'completed'`
}

/** Writes row and text at once. */
function putCompleted(tools: Tools): RawBuilder<unknown> {
  const { schema, parameter } = tools
  return sql`insert into ${sql.id(schema, 'schema_migrations')} as m
      (${fileColumns}, status, applied_at, execution_time_ms, run_id, applied_by, tool_version)
    select ${fileValues(schema, 'applied')}, 'completed', pg_catalog.clock_timestamp(), ${elapsed(tools)},
      ${parameter('runId', 'uuid')}, ${parameter('executedBy', 'text')}, ${parameter('toolVersion', 'text')}
    from ${fileRecords(parameter('files', 'json'))}
    on conflict (id) do update set ${fileUpdates(['replaced_by', 'applied_run_id'])}, status = 'completed', applied_at = ${appliedAt}, ${finishedButHeader(tools)}`
}

function finished(tools: Tools): RawBuilder<unknown> {
  return sql`header = ${withoutRowState}, ${finishedButHeader(tools)}`
}

function finishedButHeader(tools: Tools): RawBuilder<unknown> {
  const { parameter } = tools
  return sql`execution_time_ms = ${elapsed(tools)}, error_message = null, direction = null, statements_done = null,
    run_id = ${parameter('runId', 'uuid')}, applied_by = ${parameter('executedBy', 'text')},
    tool_version = ${parameter('toolVersion', 'text')}, updated_at = pg_catalog.clock_timestamp()`
}

/** Milliseconds since the transaction began. */
const sinceBegin = sql`least(2147483647,
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000)::integer`

function elapsed({ parameter }: Tools): RawBuilder<unknown> {
  return sql`coalesce(${parameter('executionTimeMs', 'int4')}, ${sinceBegin})`
}

/** Adds the attempt, and raises from within when the transaction is another one or no row was written. */
function addCheckedAttempt(tools: Tools, status: 'completed' | 'rolled_back', direction: 'up' | 'down') {
  const { schema, parameter } = tools
  const own = sql`pg_catalog.pg_current_xact_id()::pg_catalog.text`
  const found = sql`coalesce(${parameter('xid', 'text')}, pg_catalog.current_setting('tidemark.xid', true), '')`
  return sql`insert into ${sql.id(schema, 'migration_history')}
      (migration_id, status, direction, execution_time_ms, run_id, executed_by, checksum, details, executed_at)
    select case when ${found} not in ('none', ${own}) then ${raise('transaction')}::pg_catalog.text
        when recorded.id is null then ${raise('row')}::pg_catalog.text else recorded.id end,
      ${sql.lit(status)}, ${sql.lit(direction)}, execution_time_ms, ${parameter('runId', 'uuid')},
      ${parameter('executedBy', 'text')}, checksum, ${parameter('details', 'jsonb')}, pg_catalog.clock_timestamp()
    from (select) as one left join recorded on true
    returning execution_time_ms`
}

/** Sets the rows that a squash replaces aside. */
function setAside({ schema, parameter }: Tools): RawBuilder<unknown> {
  return sql`, replaced as (
    update ${sql.id(schema, 'schema_migrations')} m
    set header = header || pg_catalog.jsonb_build_object('replaced_by', ${parameter('id', 'text')}), updated_at = pg_catalog.clock_timestamp()
    where m.id <> ${parameter('id', 'text')} and ${isReplacedBy(sql`${parameter('replaces', 'json')}::pg_catalog.jsonb`)})`
}
