import type { Migration, RunIdentity } from '@tidemark/core'
import { type OperationNodeSource, type RawBuilder, sql } from 'kysely'
import {
  type CompiledStatement,
  defineStatement,
  type StatementTools,
} from '../../statement/compiled-statement.ts'
import { operator } from '../../statement/search-path.ts'
import type { StoredHeader } from '../../statement/tracking-tables.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from './insert-attempt.ts'
import {
  appliedAt,
  filesParameter,
  NO_ATTEMPT,
  NULL,
  upsertFiles,
  withoutRowState,
  writerColumns,
  writtenAt,
} from './migration-columns.ts'
import { COMMIT_TOKEN, raise } from './precondition.ts'

/** Which transaction a record must find itself in. */
export type ExpectedTransaction =
  /** The one that the precondition began; a setting holds its id. */
  | { readonly kind: 'guarded' }
  /** The one with this id, which the precondition answered: for files that reset settings. */
  | { readonly kind: 'known'; readonly xid: string }
  /** None: each statement committed by itself, and the client measured the time. */
  | { readonly kind: 'none'; readonly executionTimeMs: number }

/** What a record says of a step that is done. */
export interface RecordData {
  readonly run: RunIdentity
  readonly transaction: ExpectedTransaction
  /** Goes into the attempt's `details`. */
  readonly details?: Readonly<Record<string, unknown>>
  /**
   * The commit token that the next step's precondition looks for, see `chainedPreconditionStatement`; only
   * where {@link setsCommitToken} says so.
   */
  readonly commitToken?: string | undefined
}

interface RecordValues extends RunValues {
  readonly id: string
  readonly checksum: string
  readonly xid: string | null
  readonly executionTimeMs: number | null
  readonly replaces: string
  readonly files: string
}

const recordWithToken = defineStatement<RecordValues & { readonly commitToken: string }>(recordOfToken)
const recordRegistered = defineStatement<RecordValues>((tools) =>
  recordApplied(tools, setCompleted(tools).returning(RECORDED), sql``),
)
const recordSquash = defineStatement<RecordValues>((tools) =>
  recordApplied(tools, setCompleted(tools).returning(RECORDED), setAside(tools)),
)
const recordCarried = defineStatement<RecordValues>((tools) =>
  recordApplied(tools, putCompleted(tools), setAside(tools)),
)
const recordDown = defineStatement<RecordValues>(recordRollback)

/**
 * Builds the record of an applied migration: one statement that completes the row and adds the attempt. It
 * raises inside itself unless it runs in the expected transaction (`readPreconditionFailure`: `transaction`)
 * and the row holds what this run registered (`row`). Answers one row `{ execution_time_ms }`. The text of an
 * `on_change` file travels with it, since a completed row keeps what ran until the new text has run, and so
 * does that of a file with variables, whose values were not known when it was registered.
 */
export function recordAppliedStatement(
  schema: string,
  data: RecordData & { readonly migration: Migration },
): CompiledStatement {
  const { migration } = data
  const carried = isCarried(migration)
  const { replaces } = migration.header
  if (data.commitToken !== undefined && setsCommitToken(data)) {
    return recordWithToken(schema, {
      ...recordValues(migration.id, data),
      id: migration.id,
      checksum: migration.checksum,
      replaces: '[]',
      files: '[]',
      commitToken: data.commitToken,
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

function isCarried({ header }: Migration): boolean {
  return header.run === 'on_change' || header.variables !== undefined
}

/** Tells whether the record itself sets the commit token, as that of nearly every migration does. */
export function setsCommitToken({
  migration,
  transaction,
}: Omit<RecordData, 'run'> & { readonly migration: Migration }) {
  const { replaces } = migration.header
  return transaction.kind === 'guarded' && !isCarried(migration) && replaces.length === 0
}

/** Builds the record of a migration that was rolled back, like {@link recordAppliedStatement}. */
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
    ...runValues(run, id, details),
  }
}

type Tools = StatementTools<RecordValues>

const RECORDED = ['id', 'checksum', 'execution_time_ms'] as const

function recordApplied(tools: Tools, write: OperationNodeSource, further: RawBuilder<unknown>) {
  return sql`with recorded as (${write})${further}
    ${insertCheckedAttempt(tools, { status: 'completed', direction: 'up' })}`
}

/**
 * What {@link recordApplied} does, for what nearly every migration is: as little as there is to do, in the
 * search_path that the file left.
 */
function recordOfToken(
  tools: StatementTools<RecordValues & { readonly commitToken: string }>,
): RawBuilder<unknown> {
  const { db, parameter } = tools
  const hasState = sql`pg_catalog.jsonb_exists_any(m.header, '{progress,in_force}')`
  const recorded = db
    .updateTable('schema_migrations as m')
    .set({
      status: sql.lit('completed'),
      applied_at: appliedAt,
      execution_time_ms: sinceBegin,
      header: sql<StoredHeader>`case when ${hasState} then ${withoutRowState} else m.header end`,
      ...NO_ATTEMPT,
      ...writerColumns(tools),
    })
    .where(
      sql<boolean>`m.id ${operator('=')} ${parameter('id', 'text')} and m.checksum ${operator('=')} ${parameter('checksum', 'text')}
        and m.status ${operator('<>')} 'completed'`,
    )
    .returning(RECORDED)
  const isOther = sql`(pg_catalog.current_setting('tidemark.xid', true) ${operator('=')} ${ownTransaction}) is not true`
  return sql`with recorded as (${recorded})
    ${insertRecorded(tools, { isOther, status: 'completed', direction: 'up' })},
      pg_catalog.set_config(${sql.lit(COMMIT_TOKEN)}, ${parameter('commitToken', 'text')}, false)`
}

function recordRollback(tools: Tools): RawBuilder<unknown> {
  const { db, schema, parameter } = tools
  const rolledBack = { status: sql.lit('rolled_back' as const), applied_at: NULL }
  const recorded = db
    .updateTable('schema_migrations')
    .set({ ...rolledBack, header: withoutRowState, ...completion(tools) })
    .where('id', '=', parameter('id', 'text'))
    .returning(RECORDED)
  const replaced = db
    .updateTable('schema_migrations')
    .set({
      ...rolledBack,
      header: sql<StoredHeader>`header - '{replaced_by,progress,in_force}'::pg_catalog.text[]`,
      updated_at: writtenAt,
    })
    .where(sql`header->>'replaced_by'`, '=', parameter('id', 'text'))
    .returning(['id', 'checksum'])
  const attempts = insertAttempt(schema, sql`replaced`, {
    migration_id: sql`id`,
    status: rolledBack.status,
    direction: sql.lit('down'),
    checksum: sql`checksum`,
    ...runColumns(tools),
    details: sql`pg_catalog.jsonb_build_object('replaced_by', ${parameter('id', 'text')})`,
  })
  return sql`with recorded as (${recorded}), replaced as (${replaced}), noted_too as (${attempts})
    ${insertCheckedAttempt(tools, { status: 'rolled_back', direction: 'down' })}`
}

/**
 * Completes the registered row: its text was written by this run, so only its checksum is sent. A row that is
 * completed already was completed by another run since the precondition was checked, and raises.
 */
function setCompleted(tools: Tools) {
  const { db, parameter } = tools
  return db
    .updateTable('schema_migrations as m')
    .set({
      status: sql.lit('completed'),
      applied_at: appliedAt,
      header: withoutRowState,
      ...completion(tools),
    })
    .where('id', '=', parameter('id', 'text'))
    .where('checksum', '=', parameter('checksum', 'text'))
    .where('status', '<>', sql.lit('completed'))
}

/** Writes row and text at once. */
function putCompleted(tools: Tools): RawBuilder<unknown> {
  const { updated_at, ...writer } = writerColumns(tools)
  const status = sql.lit('completed')
  const written = upsertFiles(tools, {
    as: 'applied',
    keep: ['replaced_by'],
    inserted: { status, applied_at: writtenAt, execution_time_ms: elapsed(tools), ...writer },
    updated: { status, applied_at: appliedAt, ...completion(tools) },
  })
  return sql`${written} returning id, checksum, execution_time_ms`
}

/** The columns that say how a step ended, but for its header. */
function completion(tools: Tools) {
  return { execution_time_ms: elapsed(tools), ...NO_ATTEMPT, ...writerColumns(tools) }
}

/** Milliseconds since the transaction began. */
const sinceBegin = sql<number>`least(2147483647,
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() ${operator('-')} pg_catalog.now()) ${operator('*')} 1000)::integer`

function elapsed({ parameter }: Tools): RawBuilder<number> {
  return sql<number>`coalesce(${parameter('executionTimeMs', 'int4')}, ${sinceBegin})`
}

const ownTransaction = sql`pg_catalog.pg_current_xact_id()::pg_catalog.text`

interface RecordedAttempt {
  readonly status: 'completed' | 'rolled_back'
  readonly direction: 'up' | 'down'
}

/** Adds the attempt, and raises from within when the transaction is another one or no row was written. */
function insertCheckedAttempt(tools: Tools, attempt: RecordedAttempt): RawBuilder<unknown> {
  const { parameter } = tools
  const found = sql`coalesce(${parameter('xid', 'text')}, pg_catalog.current_setting('tidemark.xid', true), '')`
  return insertRecorded(tools, { ...attempt, isOther: sql`${found} not in ('none', ${ownTransaction})` })
}

function insertRecorded(
  tools: StatementTools<RunValues>,
  { status, direction, isOther }: RecordedAttempt & { readonly isOther: RawBuilder<unknown> },
): RawBuilder<unknown> {
  return sql`${insertAttempt(tools.schema, sql`(select) as one left join recorded on true`, {
    migration_id: sql`case when ${isOther} then ${raise('transaction')}::pg_catalog.text
        when recorded.id is null then ${raise('row')}::pg_catalog.text else recorded.id end`,
    status: sql.lit(status),
    direction: sql.lit(direction),
    execution_time_ms: sql`execution_time_ms`,
    checksum: sql`checksum`,
    ...runColumns(tools),
  })} returning execution_time_ms`
}

/** Marks the rows that a squash replaces. */
function setAside({ schema, parameter }: Tools): RawBuilder<unknown> {
  return sql`, replaced as (
    update ${sql.id(schema, 'schema_migrations')} m
    set header = header || pg_catalog.jsonb_build_object('replaced_by', ${parameter('id', 'text')}), updated_at = ${writtenAt}
    where m.id <> ${parameter('id', 'text')} and ${isReplacedBy(sql`${parameter('replaces', 'json')}::pg_catalog.jsonb`)})`
}

/**
 * Tells whether a squash with these `replaces` (jsonb) replaces a row `m`: it names it, or the row is a
 * squash that replaced nothing but what is named, and would otherwise count as applied when the new one is
 * rolled back.
 */
export function isReplacedBy(replaces: RawBuilder<unknown>): RawBuilder<boolean> {
  const own = sql`m.header->'replaces'`
  return sql`(pg_catalog.jsonb_exists(${replaces}, m.id) or (m.status = 'completed'
    and pg_catalog.jsonb_ne(${own}, '[]') and pg_catalog.jsonb_contains(${replaces}, ${own})))`
}
