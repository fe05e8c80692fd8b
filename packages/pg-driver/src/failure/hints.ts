import { formatDuration } from '@tidemark/core'
import { type ServerError, SQL_STATE } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { describeHolder } from '../lock/describe-holder.ts'
import type { FailedStatement } from './describe-failure.ts'
import { explainPrivilege } from './explain-privilege.ts'

const HINTS: Readonly<Record<string, string>> = {
  '42P07':
    'it exists already: on a database that was made by other means, adopt it with "tidemark baseline --through ID"',
  '42710': 'it exists already: adopt an existing database with "tidemark baseline --through ID"',
  '42701': 'the column exists already: adopt an existing database with "tidemark baseline --through ID"',
  '42P01': 'the relation does not exist here: check "Depends on", the schema name, and search_path',
  '42883':
    'the function does not exist here: check the argument types, "Depends on", and whether an extension is missing',
  '42704': 'it does not exist here: check "Depends on" and whether an extension is missing',
  '23505': 'rows in the table contradict the statement; DETAIL names one',
  '23503': 'rows in the table contradict the statement; DETAIL names one',
  '23502': 'rows have no value in that column: fill it first, or give a default',
  '23514': 'rows in the table contradict the constraint: mend them first, or add it NOT VALID',
  '25001': 'PostgreSQL runs this only outside a transaction: put "-- Transaction: none" in the header',
  '25006': 'this server is read-only (a replica, or default_transaction_read_only): migrate on the primary',
  '55P04': 'a new enum value can only be used after its transaction: add it in a migration of its own',
  '0A000': 'this server does not support it: check its version',
  '53100': 'the disk of the server is full',
  '53200': 'the server is out of memory',
  '54000': 'the statement is larger than the server allows',
  '2D000': 'a procedure or DO block ended the transaction: give the file "-- Transaction: none"',
  '2BP01': 'other objects depend on it: drop them first, or say CASCADE',
}

/** A server that is read-only refuses before it comes to the record. */
const READ_ONLY_FILE =
  'the file makes its transaction read-only, so that it cannot be recorded: take that out'

const BEFORE_ANY_QUERY = /must be called before any query/
const SET_TOO_LATE =
  'begin "@up" with SET TRANSACTION ISOLATION LEVEL; of its other modes, a migration can have none'

/** Finds the next action for a server's error; for some it asks the server. */
export async function hintFor(
  context: ExecutionContext,
  failed: FailedStatement,
  error: ServerError,
): Promise<string | undefined> {
  if (error.code === SQL_STATE.insufficientPrivilege) return explainPrivilege(context, failed, error)
  if (error.code === SQL_STATE.queryCanceled) return explainCancel(context, failed, error)
  if (error.code === SQL_STATE.lockNotAvailable || error.code === SQL_STATE.deadlockDetected) {
    return explainLock(failed)
  }
  if (error.code === '25001' && BEFORE_ANY_QUERY.test(error.message)) return SET_TOO_LATE
  if (error.code === '25006' && failed.place.kind === 'close') return READ_ONLY_FILE
  return HINTS[error.code]
}

function explainLock({ blockers, script, attempt }: FailedStatement): string {
  const tries = `tried ${attempt} ${attempt === 1 ? 'time' : 'times'}`
  const limit =
    script.lockTimeoutMs === 0 ? '' : `, each wait at most ${formatDuration(script.lockTimeoutMs)}`
  const who = blockers.length === 0 ? '' : `; blocked by ${blockers.map(describeHolder).join('; ')}`
  return `${tries}${limit}${who.replace(/;$/, '')}. Run "tidemark up" again when it is free, or raise "Lock timeout" or lockRetries`
}

function explainCancel({ settings }: ExecutionContext, failed: FailedStatement, error: ServerError): string {
  if (!error.message.includes('statement timeout'))
    return 'someone cancelled the statement: run "tidemark up" again'
  const { statementTimeoutMs } = failed.script.header
  if (statementTimeoutMs !== null) {
    return `the header says "Statement timeout: ${formatDuration(statementTimeoutMs)}": raise it, or 0 for no limit`
  }
  return settings.statementTimeoutMs > 0
    ? `statementTimeout is ${formatDuration(settings.statementTimeoutMs)} in the configuration: raise it, or write "-- Statement timeout: …" in the header`
    : 'the file (or a function it calls) sets statement_timeout itself: Tidemark sets no limit'
}
