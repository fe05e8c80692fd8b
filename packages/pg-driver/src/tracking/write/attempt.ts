import type { Migration, RunIdentity } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import {
  type CompiledStatement,
  defineStatement,
  type StatementTools,
} from '../../statement/compiled-statement.ts'
import { storableJson, storableText } from '../../statement/storable.ts'
import type { StatementProgress } from '../../statement/tracking-tables.ts'
import { keptOf } from '../read/row-state-columns.ts'
import { attemptJson } from './attempt-json.ts'
import { fileColumns, fileRecords, filesParameter, fileUpdates, fileValues } from './file-records.ts'
import { raise } from './precondition.ts'

/** The migration of an attempt: going up the file travels along, going down the row holds all. */
export type AttemptSubject =
  | { readonly direction: 'up'; readonly migration: Migration }
  | { readonly direction: 'down'; readonly id: string }

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

interface AttemptValues {
  readonly id: string
  readonly files: string
  readonly direction: string
  readonly errorMessage: string | null
  readonly statementsDone: number | null
  readonly executionTimeMs: number | null
  readonly runId: string
  readonly executedBy: string
  readonly toolVersion: string
  readonly details: string | null
}

const failUp = defineStatement<AttemptValues>((tools) =>
  withAttempt(tools, putFile(tools, 'failed'), 'failed'),
)
const failDown = defineStatement<AttemptValues>((tools) =>
  withAttempt(tools, updateRow(tools, sql`'failed'`), 'failed'),
)
const keepApplied = defineStatement<AttemptValues>((tools) =>
  withAttempt(tools, updateRow(tools, sql`m.status`), 'failed'),
)
const startUp = defineStatement<AttemptValues>((tools) => putFile(tools, 'running'))
const startDown = defineStatement<AttemptValues>((tools) => updateRow(tools, sql`'running'`))

/**
 * Builds what a failed attempt leaves, after the rollback (I5): the row says `failed` with text, checksum and error of this
 * attempt, and the history has the attempt. A rollback that failed in its transaction leaves the migration applied: its row
 * keeps the status and the attempt's details say `{"still":"applied"}`.
 */
export function recordFailedStatement(schema: string, data: FailedData): CompiledStatement {
  const kept = data.subject.direction === 'down' && data.statementsDone === null
  const details = kept ? { ...data.details, still: 'applied' } : data.details
  const values = attemptValues(data.subject, data.run, {
    errorMessage: storableText(data.errorMessage),
    statementsDone: data.statementsDone,
    executionTimeMs: data.executionTimeMs === null ? null : Math.round(data.executionTimeMs),
    details: attemptJson(
      data.run,
      data.subject.direction === 'up' ? data.subject.migration.id : data.subject.id,
      details,
    ),
  })
  if (kept) return keepApplied(schema, values)
  return data.subject.direction === 'up' ? failUp(schema, values) : failDown(schema, values)
}

/**
 * Builds what says `running` before the first statement of a non-transactional migration; it is committed by itself.
 * Answers one row `{ progress }`: what an attempt before had started, a {@link StatementProgress} or null.
 */
export function startStatement(
  schema: string,
  data: {
    readonly subject: AttemptSubject
    readonly run: RunIdentity
    readonly statementsDone: number
  },
): CompiledStatement {
  const values = attemptValues(data.subject, data.run, {
    errorMessage: null,
    statementsDone: data.statementsDone,
    executionTimeMs: null,
    details: null,
  })
  return data.subject.direction === 'up' ? startUp(schema, values) : startDown(schema, values)
}

const progress = defineStatement<{
  readonly id: string
  readonly runId: string
  readonly done: number
  readonly started: string | null
}>(({ schema, parameter }) => {
  const started = parameter('started', 'jsonb')
  return sql`with moved as (update ${sql.id(schema, 'schema_migrations')}
    set statements_done = ${parameter('done', 'int4')}, updated_at = pg_catalog.clock_timestamp(),
      header = case when ${started} is null then header - 'progress'
        else header || pg_catalog.jsonb_build_object('progress', ${started}) end
    where id = ${parameter('id', 'text')} and run_id = ${parameter('runId', 'uuid')} and status = 'running' returning id)
    select case when not exists (select from moved) then ${raise('row')} end as raised`
})

/**
 * Builds the progress of a non-transactional migration: how many statements are done, and before a statement that cannot
 * run in a transaction, which one is started. It raises (`readPreconditionFailure`: `row`) when the row is no longer this run's.
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

function attemptValues(
  subject: AttemptSubject,
  run: RunIdentity,
  rest: Pick<AttemptValues, 'errorMessage' | 'statementsDone' | 'executionTimeMs' | 'details'>,
): AttemptValues {
  return {
    ...rest,
    id: subject.direction === 'up' ? subject.migration.id : subject.id,
    files: subject.direction === 'up' ? filesParameter([subject.migration]) : '[]',
    direction: subject.direction,
    runId: run.runId,
    executedBy: run.executedBy,
    toolVersion: run.toolVersion,
  }
}

type Tools = StatementTools<AttemptValues>

const attemptUpdates = sql`error_message = excluded.error_message, direction = excluded.direction,
  statements_done = excluded.statements_done, run_id = excluded.run_id, applied_by = excluded.applied_by,
  tool_version = excluded.tool_version, updated_at = pg_catalog.clock_timestamp()`

/** What runs once and is completed now was completed by another run, which this one knew nothing of. */
const STILL_OURS = sql`where m.status <> 'completed' or excluded.header->>'run' = 'on_change'`

/** Writes row and text; a resumed attempt keeps what was started. */
function putFile(tools: Tools, status: 'failed' | 'running'): RawBuilder<unknown> {
  const { schema, parameter } = tools
  return sql`insert into ${sql.id(schema, 'schema_migrations')} as m
      (${fileColumns}, status, error_message, direction, statements_done, run_id, applied_by, tool_version)
    select ${fileValues(schema, 'known')}, ${sql.lit(status)}, ${parameter('errorMessage', 'text')}, 'up',
      ${parameter('statementsDone', 'int4')}, ${parameter('runId', 'uuid')}, ${parameter('executedBy', 'text')}, ${parameter('toolVersion', 'text')}
    from ${fileRecords(parameter('files', 'json'))}
    on conflict (id) do update set ${fileUpdates(['progress', 'replaced_by', 'last_applied_at', 'in_force', 'applied_run_id'])}, status = excluded.status, ${attemptUpdates}
      ${status === 'failed' ? STILL_OURS : sql``}
    returning id, checksum, header->'progress' as progress`
}

function updateRow({ schema, parameter }: Tools, status: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`update ${sql.id(schema, 'schema_migrations')} as m
    set status = ${status}, error_message = ${parameter('errorMessage', 'text')},
      direction = case when ${parameter('statementsDone', 'int4')} is null then null else 'down' end,
      statements_done = ${parameter('statementsDone', 'int4')}, run_id = ${parameter('runId', 'uuid')},
      applied_by = ${parameter('executedBy', 'text')}, tool_version = ${parameter('toolVersion', 'text')},
      header = m.header || ${keptOf(['applied_run_id'])}, updated_at = pg_catalog.clock_timestamp()
    where id = ${parameter('id', 'text')} returning id, checksum, header->'progress' as progress`
}

function withAttempt({ schema, parameter }: Tools, write: RawBuilder<unknown>, status: 'failed') {
  return sql`with recorded as (${write})
    insert into ${sql.id(schema, 'migration_history')}
      (migration_id, status, direction, execution_time_ms, error_message, run_id, executed_by, checksum, details, executed_at)
    select id, ${sql.lit(status)}, ${parameter('direction', 'text')}, ${parameter('executionTimeMs', 'int4')},
      ${parameter('errorMessage', 'text')}, ${parameter('runId', 'uuid')}, ${parameter('executedBy', 'text')}, checksum,
      ${parameter('details', 'jsonb')}, pg_catalog.clock_timestamp()
    from recorded`
}
