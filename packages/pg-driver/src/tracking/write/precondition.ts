import { type RawBuilder, sql } from 'kysely'
import {
  type CompiledStatement,
  defineStatement,
  type StatementTools,
} from '../../statement/compiled-statement.ts'
import { operator } from '../../statement/search-path.ts'

/**
 * What raised inside precondition or record; each is the beginning of a cast that fails, so the server aborts
 * by itself.
 */
export type PreconditionFailure =
  /** The run lock is held by another session. */
  | 'lock'
  /** A step that this one needs is not done. */
  | 'order'
  /** The step is done already. */
  | 'done'
  /**
   * The transaction in which the record runs is not the one that the precondition began: the file closed it.
   */
  | 'transaction'
  /** The row is not what this run registered. */
  | 'row'

/** The statements of this file run in the search_path of the file that follows them. */
const EQUALS = operator('=')

/** The setting that says which step was committed last in this session. */
export const COMMIT_TOKEN = 'tidemark.done'

const FAILURES: readonly PreconditionFailure[] = ['lock', 'order', 'done', 'transaction', 'row']

const RAISED = /\bTM (\w+) (\d+)\b/

/**
 * Reads which condition raised, from the server's error; undefined for any other error. The words around it,
 * and the quotation marks, are those of the server's language.
 *
 * @example readPreconditionFailure(error) // 'transaction', for: invalid input syntax for type integer: "TM transaction 733"
 */
export function readPreconditionFailure(error: unknown): PreconditionFailure | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '22P02') return undefined
  const word = RAISED.exec(error.message)?.[1]
  return FAILURES.find((failure) => failure === word)
}

/**
 * Tells whether a record that found another transaction than the setting `tidemark.xid` says is in the right
 * one: then the file has cleared the setting, such as by RESET ALL in a function, and ended nothing.
 */
export function isXidSettingCleared({
  error,
  xid,
}: {
  readonly error: Error
  readonly xid: string | undefined
}) {
  return (
    xid !== undefined &&
    readPreconditionFailure(error) === 'transaction' &&
    RAISED.exec(error.message)?.[2] === xid
  )
}

/**
 * Tells whether the row of a step now belongs to another run: then this attempt must not write its result.
 */
export function isRowOfOthers(error: unknown): boolean {
  const failure = readPreconditionFailure(error)
  return failure !== undefined && failure !== 'transaction'
}

/** What a precondition checks. */
export interface PreconditionData {
  readonly id: string
  readonly direction: 'up' | 'down'
  /** The run lock's key, see `lockKey`. */
  readonly lockKey: string
  readonly runId: string
  /** Ids that must be done before: the step before, or with `keepGoing` what it depends on. */
  readonly after: readonly string[]
  /** `allowed`: the row may be completed, but not by this run. */
  readonly rerun: 'refused' | 'allowed'
  /** Remembers the transaction in place of its id, so that it has none yet. Default null: by its id. */
  readonly guard?: string | null
}

interface PreconditionValues {
  readonly id: string
  readonly lockKey: string
  readonly runId: string
  readonly ids: string
  readonly needed: number
  readonly rerun: string
  readonly guard: string | null
}

/** Any number of predecessors, as one text; or one at most, so that a named statement keeps one plan. */
type Places = 'list' | 'pair'

const preconditions = {
  up: {
    list: defineStatement<PreconditionValues>((tools) => precondition(tools, 'up', 'list')),
    pair: defineStatement<PreconditionValues>((tools) => precondition(tools, 'up', 'pair')),
  },
  down: {
    list: defineStatement<PreconditionValues>((tools) => precondition(tools, 'down', 'list')),
    pair: defineStatement<PreconditionValues>((tools) => precondition(tools, 'down', 'pair')),
  },
}

/**
 * Builds the first statement of a migration's transaction: it raises unless the run lock is held, what must
 * come before is done and this step is not; and it remembers the transaction for the record. Answers one row
 * `{ xid }`. It takes the run lock once more (advisory locks are re-entrant and counted).
 */
export function preconditionStatement(schema: string, data: PreconditionData): CompiledStatement {
  const { id, lockKey, runId, rerun, direction, guard = null } = data
  const after = new Set(data.after)
  // An id holds no comma, and an array that is folded when the statement is planned is looked up in the
  // primary key.
  const needed = after.size
  if (needed > 1) {
    return preconditions[direction].list(schema, {
      id,
      lockKey,
      runId,
      rerun,
      guard,
      ids: [id, ...after].join(),
      needed,
    })
  }
  const [before = id] = after
  return preconditions[direction].pair(schema, { id, lockKey, runId, rerun, guard, ids: before, needed })
}

function precondition(
  tools: StatementTools<PreconditionValues>,
  direction: 'up' | 'down',
  places: Places,
): RawBuilder<unknown> {
  const { schema, parameter } = tools
  const own = sql`m.id ${EQUALS} ${parameter('id', 'text')}`
  const others = sql`pg_catalog.count(*) filter (where m.status ${EQUALS} 'completed' and not ${own})`
  const missing =
    direction === 'up'
      ? sql`${others} ${operator('<')} ${parameter('needed', 'int4')}`
      : sql`${others} ${operator('>')} 0`
  const finished =
    direction === 'up'
      ? sql`m.status ${EQUALS} 'completed' and (${parameter('rerun', 'text')} ${EQUALS} 'refused' or m.run_id ${EQUALS} ${parameter('runId', 'uuid')})`
      : sql`m.status ${EQUALS} 'rolled_back'`
  return sql`select case
    when not pg_catalog.pg_try_advisory_lock(${parameter('lockKey', 'int8')}) then ${raise('lock')}
    when ${missing} then ${raise('order')}
    when pg_catalog.bool_or(${own} and ${finished}) then ${raise('done')}
    end as raised,
    ${remember(parameter('guard', 'text'))}
    from ${sql.id(schema, 'schema_migrations')} m
    where ${
      places === 'list'
        ? sql`m.id ${EQUALS} any (pg_catalog.string_to_array(${parameter('ids', 'text')}, ','))`
        : sql`m.id ${EQUALS} any (array[${parameter('id', 'text')}, ${parameter('ids', 'text')}])`
    }`
}

/** The id is given to the transaction only where it is evaluated. */
function remember(guard: RawBuilder<string>): RawBuilder<unknown> {
  return sql`pg_catalog.set_config('tidemark.xid', coalesce(${guard}, pg_catalog.pg_current_xact_id()::pg_catalog.text), true) as xid`
}

const chained = defineStatement<ChainedValues>(
  ({ parameter }) => sql`select case
    when not pg_catalog.pg_try_advisory_lock(${parameter('lockKey', 'int8')}) then ${raise('lock')}
    when (pg_catalog.current_setting(${sql.lit(COMMIT_TOKEN)}, true) ${EQUALS} ${parameter('commitToken', 'text')}) is not true then ${raise('order')}
    end as raised,
    ${remember(parameter('guard', 'text'))},
    pg_catalog.set_config('application_name', ${parameter('applicationName', 'text')}, true)`,
)

interface ChainedValues {
  readonly lockKey: string
  readonly commitToken: string
  readonly applicationName: string
  readonly guard: string | null
}

/**
 * Builds the precondition of a step that was sent right behind another one. It reads no table: the record of
 * the step before set {@link COMMIT_TOKEN} for the session, which a rollback takes back, so it says that this
 * record has committed. That the row of this step is not completed is for its own record to see. It also says
 * in `pg_stat_activity` what runs.
 */
export function chainedPreconditionStatement(
  schema: string,
  data: Omit<ChainedValues, 'guard'> & { readonly guard?: string | null },
): CompiledStatement {
  return chained(schema, { ...data, guard: data.guard ?? null })
}

const nameApplication = defineStatement<{ readonly applicationName: string }>(
  ({ parameter }) =>
    sql`select pg_catalog.set_config('application_name', ${parameter('applicationName', 'text')}, true)`,
)

/** Builds what says in `pg_stat_activity` until the end of the transaction what runs. */
export function nameApplicationStatement(schema: string, applicationName: string): CompiledStatement {
  return nameApplication(schema, { applicationName })
}

/**
 * Gives a cast that fails when it is evaluated; a constant one would be folded when the statement is planned.
 */
export function raise(failure: PreconditionFailure): RawBuilder<number> {
  return sql<number>`cast(${sql.lit(`TM ${failure} `)} ${operator('||')} pg_catalog.pg_current_xact_id()::pg_catalog.text as integer)`
}
