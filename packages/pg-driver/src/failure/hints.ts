import { formatDuration, type Remedy, type RunCommand } from '@tidemark/core'
import { type ServerError, SQL_STATE } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { describeHolder } from '../lock/describe-holder.ts'
import { nameLimit } from '../lock/name-limit.ts'
import { TRACKING_TABLES } from '../tracking/schema/tracking-schema.ts'
import type { FailedStatement } from './describe-failure.ts'
import { explainExisting, isExisting } from './explain-existing.ts'
import { explainPrivilege } from './explain-privilege.ts'
import { hintByState } from './hints-by-state.ts'

/** What goes over all tables of a schema catches ours. */
export const LEAVE_OUT = `leave out ${TRACKING_TABLES.join(', ')} where the file goes over all tables of a schema, or keep them elsewhere: --schema tidemark`

/** A server that is read-only refuses before it comes to the record. */
const READ_ONLY_FILE = 'the file makes its transaction read-only, so it cannot be recorded: remove that'

/** What an embedded engine answers to what it lacks: a library or file that it cannot load, internal errors. */
const ENGINE_STATES: readonly string[] = ['58P01', '58000', 'XX000']

/** What to do about a statement that needs a server. */
export const NOT_EMBEDDED: Remedy = {
  kind: 'advice',
  text: 'the embedded database cannot do this: use a server',
}

/** PGlite has ICU, but of its collations it defines few. */
const EMBEDDED_COLLATION =
  'of the collations of ICU the embedded database defines only "und-x-icu" and "unicode": create this one before, `CREATE COLLATION IF NOT EXISTS "de-x-icu" (provider = icu, locale = \'de\')`, or use a server'

/** Finds what to do about a server's error; for some it asks the server. */
export async function hintFor(
  context: ExecutionContext,
  failed: FailedStatement,
  error: ServerError,
): Promise<Remedy | undefined> {
  if (context.connection.kind === 'embedded' && ENGINE_STATES.includes(error.code)) return NOT_EMBEDDED
  if (error.code === SQL_STATE.queryCanceled)
    return explainCancel(
      context,
      failed,
      await nameLimit(context.connection, 'statement_timeout').catch(() => undefined),
    )
  if (error.code === SQL_STATE.lockNotAvailable || error.code === SQL_STATE.deadlockDetected) {
    return explainLock(failed)
  }
  const text = await adviceFor(context, failed, error)
  return text === undefined ? undefined : { kind: 'advice', text }
}

async function adviceFor(
  context: ExecutionContext,
  failed: FailedStatement,
  error: ServerError,
): Promise<string | undefined> {
  const { place } = failed
  const { schema } = context.settings
  const isCollation = error.code === '42704' && error.routine === 'get_collation_oid'
  if (isCollation && context.connection.kind === 'embedded') return EMBEDDED_COLLATION
  if (isOfTracking(error, schema)) return LEAVE_OUT
  if (error.routine === RAISED) return undefined
  if (error.code === SQL_STATE.insufficientPrivilege) return explainPrivilege(context, failed, error)
  if (error.code === '25006') return explainReadOnly(context, place)
  // Our own statements around those of the file name nothing that the file could have wrong.
  if (place.kind !== 'statement')
    return OF_THE_SERVER.includes(error.code) ? hintByState(error, failed) : undefined
  if (isExisting(error.code)) return explainExisting(context, failed, error)
  return hintByState(error, failed)
}

/** The table, or of a DROP and TRUNCATE what refers to it: no other schema is likely to have both names. */
function isOfTracking({ schema, table, detail = '' }: ServerError, ours: string): boolean {
  return (
    (schema === ours && TRACKING_TABLES.some((one) => one === table)) ||
    (detail.includes('schema_migrations') && detail.includes('migration_history'))
  )
}

/** RAISE of PL/pgSQL: the SQLSTATE is the file's choice, and the message says what it means. */
const RAISED = 'exec_stmt_raise'

/** States of the server that any statement may meet. */
const OF_THE_SERVER: readonly string[] = [
  '53000',
  '53100',
  '53200',
  '58P02',
  '23502',
  '23503',
  '23505',
  '23514',
]

/** A server, a setting of role or database, or the file itself makes the transaction read-only. */
async function explainReadOnly(
  { connection }: ExecutionContext,
  place: FailedStatement['place'],
): Promise<string> {
  if (place.kind === 'close') return READ_ONLY_FILE
  const { rows } = await connection.query<{ replica: boolean; setting: string }>(
    `SELECT pg_catalog.pg_is_in_recovery() AS replica, pg_catalog.current_setting('default_transaction_read_only') AS setting`,
  )
  if (rows[0]?.replica === true) return 'this server is a replica and read-only: migrate on the primary'
  return rows[0]?.setting === 'on'
    ? 'default_transaction_read_only is on for this role, database or server: turn it off, or migrate on the primary'
    : 'the file makes its transaction read-only: remove that'
}

/** The command that runs a step again. */
export function commandOf({ direction }: FailedStatement): RunCommand {
  return direction === 'down' ? 'down' : 'up'
}

function explainLock(failed: FailedStatement): Remedy {
  const { blockers, script, attempt } = failed
  const tries = `tried ${attempt} ${attempt === 1 ? 'time' : 'times'}`
  const limit =
    script.lockTimeoutMs === 0 ? '' : `, each wait at most ${formatDuration(script.lockTimeoutMs)}`
  const who = blockers.length === 0 ? '' : `; blocked by ${blockers.map(describeHolder).join('; ')}`
  const wait = `${tries}${limit}${who.replace(/;$/, '')}`
  return { kind: 'free_lock', command: commandOf(failed), wait }
}

const SETS_TIMEOUT = /\bstatement_timeout\b/i

/**
 * Only the words of the message, in the language of the server, distinguish a timeout from a cancel. So the
 * time decides: a statement met its limit when it took about that long. Half of it is enough, since the
 * answer before may be read late.
 */
function explainCancel(
  { settings }: ExecutionContext,
  failed: FailedStatement,
  set: string | undefined,
): Remedy {
  const { statementTimeoutMs } = failed.script.header
  const limitMs = statementTimeoutMs ?? settings.statementTimeoutMs
  const whose = set === undefined ? '' : `; ${set}`
  const itself = 'the file (or a function it calls) sets statement_timeout itself'
  const text =
    set === undefined
      ? `${itself}: Tidemark sets no limit`
      : `${itself}, or gives it back to what role or database set: ${set}`
  if (SETS_TIMEOUT.test(failed.script.source.text)) return { kind: 'advice', text }
  if (limitMs === 0 || failed.statementMs < limitMs / 2) {
    const reason = `someone cancelled the statement, or a function sets a statement_timeout for it${whose}`
    return { kind: 'rerun', command: commandOf(failed), reason }
  }
  const limit = formatDuration(limitMs)
  return {
    kind: 'advice',
    text:
      statementTimeoutMs === null
        ? `statementTimeout is ${limit} in the configuration: raise it, or write "-- Statement timeout: …" in the header`
        : `the header has "Statement timeout: ${limit}": raise it, or write 0 for no limit`,
  }
}
