import { formatDuration, type Remedy, type RunCommand, TOO_MANY_FILES_HELP } from '@tidemark/core'
import { type ServerError, SQL_STATE, WRITTEN_BEFORE } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { describeHolder } from '../lock/describe-holder.ts'
import { nameLimit } from '../lock/name-limit.ts'
import { TRACKING_TABLES } from '../tracking/schema/tracking-schema.ts'
import type { FailedStatement } from './describe-failure.ts'
import { explainPrivilege } from './explain-privilege.ts'

const HINTS: Readonly<Record<string, string>> = {
  '42P07':
    'it already exists: if the database was not created by these migrations, check what it has, then adopt it with "tidemark baseline --through ID"',
  '42710':
    'it already exists: check what the database has, then adopt it with "tidemark baseline --through ID"',
  '42701':
    'the column already exists: check what the database has, then adopt it with "tidemark baseline --through ID"',
  '42P01': 'the relation does not exist here: check "Depends on", the schema name, and search_path',
  '42883':
    'the function does not exist here: check the argument types, "Depends on", and whether an extension is missing',
  '42704': 'it does not exist here: check "Depends on" and whether an extension is missing',
  '23505': 'rows in the table violate the constraint; DETAIL names one',
  '23503': 'rows in the table violate the constraint; DETAIL names one',
  '23502': 'rows have no value in that column: fill it first, or set a default',
  '23514': 'rows in the table contradict the constraint: fix them first, or add it NOT VALID',
  '25001': 'this cannot run inside a transaction block: add "-- Transaction: none" to the header',
  '25006': 'this server is read-only (a replica, or default_transaction_read_only): migrate on the primary',
  '55P04': 'a new enum value can only be used after its transaction: add it in a migration of its own',
  '0A000': 'this server does not support it: check its version',
  '53100': 'the disk of the server is full',
  '53200': 'the server is out of memory',
  '53000': TOO_MANY_FILES_HELP,
  '58P02': TOO_MANY_FILES_HELP,
  '54000': 'the statement is larger than the server allows',
  '2D000': 'a procedure or DO block ended the transaction: add "-- Transaction: none" to the header',
  '2BP01': 'other objects depend on it: drop them first, or use CASCADE',
}

const SLOT_FIRST =
  'PostgreSQL creates a logical replication slot only before the transaction has written anything: put the statement first, or into a migration of its own'

/** What goes over all tables of a schema catches ours. */
export const LEAVE_OUT = `leave out ${TRACKING_TABLES.join(', ')} where the file goes over all tables of a schema, or keep them elsewhere: --schema tidemark`

/** A server that is read-only refuses before it comes to the record. */
const READ_ONLY_FILE = 'the file makes its transaction read-only, so it cannot be recorded: remove that'

const SET = /^\s*SET\b/i
const SET_TOO_LATE =
  'begin "@up" with SET TRANSACTION ISOLATION LEVEL; of its other modes, a migration can have none'

/** Finds what to do about a server's error; for some it asks the server. */
export async function hintFor(
  context: ExecutionContext,
  failed: FailedStatement,
  error: ServerError,
): Promise<Remedy | undefined> {
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
  if (error.schema === schema && TRACKING_TABLES.some((table) => table === error.table)) return LEAVE_OUT
  if (error.code === SQL_STATE.activeTransaction && error.routine === WRITTEN_BEFORE) return SLOT_FIRST
  if (error.code === SQL_STATE.insufficientPrivilege) return explainPrivilege(context, failed, error)
  if (
    error.code === SQL_STATE.activeTransaction &&
    place.kind === 'statement' &&
    SET.test(place.statement.text)
  ) {
    return SET_TOO_LATE
  }
  if (error.code === '25006' && place.kind === 'close') return READ_ONLY_FILE
  return HINTS[error.code]
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
