import {
  codeFrame,
  type LockHolder,
  lineAndColumn,
  type MigrationId,
  maskSecrets,
  maskText,
  type Remedy,
  type Span,
  shownPlace,
  TidemarkError,
} from '@tidemark/core'
import { hideValuesIn } from '../connection/hide-values.ts'
import { isRetryable, isServerError, type ServerError } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { describeHolder } from '../lock/describe-holder.ts'
import { locateError } from '../script/locate-error.ts'
import { CommitRefusedError } from '../script/pipelined-answers.ts'
import type { StatementPosition } from '../script/pipelined-messages.ts'
import type { StepScript } from '../script/step-script.ts'
import { isVerdict, verdictRow } from '../script/verify-verdict.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import { type PreconditionFailure, readPreconditionFailure } from '../tracking/write/precondition.ts'
import { readTrackingChange } from '../tracking/write/tracking-check.ts'
import { commandOf, hintFor, LEAVE_OUT, NOT_EMBEDDED } from './hints.ts'

/** What a failed statement is described from. */
export interface FailedStatement {
  readonly id: MigrationId
  readonly script: Pick<StepScript, 'source' | 'statements' | 'header' | 'lockTimeoutMs'>
  readonly place: StatementPosition
  readonly error: Error
  readonly blockers: readonly LockHolder[]
  readonly attempt: number
  /** How long the statement ran, in milliseconds. */
  readonly statementMs: number
  /** Which statement of how many it is, where `script.statements` does not say. */
  readonly numbering?: { readonly index: number; readonly count: number }
  /** What the step changed on the tracking tables, where the error itself does not say it. */
  readonly changedTables?: string | undefined
  /** A sentence on what the database holds now. */
  readonly databaseState: string
  /** Default `up`. */
  readonly direction?: 'up' | 'down'
  /** A rollback that is neither done nor as if it had not begun; default false. */
  readonly isUnfinished?: boolean
}

/** The codes of a migration that failed. */
type FailureCode = 'TM5004' | 'TM5005' | 'TM5006' | 'TM5009' | 'TM5011' | 'TM5012' | 'TM5015'

/**
 * Makes the error of a failed statement: located, with everything the server said, the hint, and the state.
 */
export async function describeFailedStatement(
  context: ExecutionContext,
  failed: FailedStatement,
): Promise<TidemarkError> {
  const { error, place, script, id } = failed
  const changed = failed.changedTables ?? readTrackingChange(error)
  const precondition =
    changed === undefined ? await settleRow(context, id, preconditionFailureOf(error)) : undefined
  const isOurs = precondition !== undefined || changed !== undefined
  const server = isServerError(error) && !isOurs ? error : undefined
  const located = locate(failed)
  hideValuesIn(error, place.kind === 'statement' ? place.statement.source : script.source)
  const hint = server === undefined ? hintForBroken(context, error) : await hintFor(context, failed, server)
  return new TidemarkError({
    ...(changed === undefined
      ? {
          code: codeOf(error, place, precondition),
          message: maskSecrets(describeWhat(failed, precondition)),
          remedy:
            precondition === undefined ? remedyOf(failed, hint) : remedyOfPrecondition(failed, precondition),
        }
      : describeChangedTables(id, changed)),
    ...located,
    details: {
      migration: id,
      ...statementDetails(place, script, failed.numbering),
      ...(server === undefined ? {} : serverDetails(server)),
      ...verifyDetails(failed),
      ...(failed.blockers.length === 0 ? {} : { blockers: failed.blockers.map(describeHolder) }),
      attempts: failed.attempt,
      databaseState: failed.databaseState,
    },
    cause: error,
  })
}

/** An embedded engine that a statement ended without an answer: there is nothing of the server to go by. */
function hintForBroken({ connection }: ExecutionContext, error: Error): Remedy | undefined {
  const isOurs = error instanceof TidemarkError || error instanceof CommitRefusedError
  if (connection.kind !== 'embedded' || isOurs) return undefined
  return NOT_EMBEDDED
}

/** TM5015: the file did to the tracking tables what it did to all tables of their schema. */
function describeChangedTables(id: MigrationId, changed: string) {
  return {
    code: 'TM5015' as const,
    message: maskSecrets(`"${id}" changed the tracking tables, so that it cannot be recorded: ${changed}`),
    remedy: { kind: 'advice' as const, text: LEAVE_OUT },
  }
}

/** What of an error goes into the attempt's `details`. */
export function attemptDetails(error: TidemarkError): Readonly<Record<string, unknown>> {
  const { databaseState: _state, ...details } = error.details
  return { code: error.code, ...details, ...(error.location && { location: error.location }) }
}

/** Hints that hold for a rollback as well; the others speak of a file that can be fixed. */
const DOWN_HINTS: readonly string[] = ['2BP01', '42501', '55P03', '40P01', '25006', '53100', '53200']

function remedyOf({ direction, id, error, isUnfinished }: FailedStatement, hint: Remedy | undefined): Remedy {
  if (direction !== 'down') return hint ?? { kind: 'fix_file', command: 'up' }
  const applies = hint !== undefined && isServerError(error) && DOWN_HINTS.includes(error.code)
  const first = [...(applies ? [hint] : []), ...(isUnfinished === true ? [GO_ON] : [])]
  const replaceDown = { kind: 'replace_down', id } as const
  return first.length === 0 ? replaceDown : { kind: 'all', remedies: [...first, replaceDown] }
}

/**
 * Of a rollback without a transaction: the migration is neither applied nor rolled back, and `up` is refused.
 */
const GO_ON: Remedy = { kind: 'rerun', command: 'down', reason: 'the rollback is not finished' }

const CLOSED_BY_FILE =
  'remove COMMIT, ROLLBACK and BEGIN from the file and from what it calls, or add "-- Transaction: none"'
const CHANGED_MEANWHILE = {
  lock: 'another run took the lock over',
  order: 'the rows were changed while this run was under way',
  done: 'the row was changed while this run was under way',
  row: 'the row was changed while this run was under way',
} as const

function remedyOfPrecondition(failed: FailedStatement, failure: PreconditionFailure): Remedy {
  if (failure === 'transaction') return { kind: 'advice', text: CLOSED_BY_FILE }
  return { kind: 'check_status', command: commandOf(failed), reason: CHANGED_MEANWHILE[failure] }
}

const PRECONDITION_FACT: Readonly<Record<PreconditionFailure, string>> = {
  lock: 'the run lock is held by another session',
  order: 'a step before it is not done',
  done: 'it is done already',
  transaction: 'its transaction was ended by the file itself',
  row: 'its row has changed since this run registered it',
}

/** A row that the record could not complete was completed by someone else, or is another one. */
async function settleRow(
  { connection, settings }: ExecutionContext,
  id: MigrationId,
  precondition: PreconditionFailure | undefined,
): Promise<PreconditionFailure | undefined> {
  if (precondition !== 'row') return precondition
  const history = await createTrackingStore(connection, settings.schema).readHistory()
  const rows = history.kind === 'present' ? history.rows : []
  return rows.some((row) => row.id === id && row.status === 'completed') ? 'done' : 'row'
}

/** What of the precondition or the record did not hold, if that is what failed. */
export function preconditionFailureOf(error: Error): PreconditionFailure | undefined {
  return error instanceof CommitRefusedError ? 'transaction' : readPreconditionFailure(error)
}

function codeOf(
  error: Error,
  place: StatementPosition,
  precondition: PreconditionFailure | undefined,
): FailureCode {
  if (precondition === 'transaction') return 'TM5006'
  if (precondition === 'lock') return 'TM5012'
  if (precondition !== undefined) return 'TM5011'
  if (isRetryable(error)) return 'TM5009'
  return place.kind === 'statement' && place.statement.kind === 'verify' ? 'TM5005' : 'TM5004'
}

function describeWhat(
  { id, place, script, error, numbering }: FailedStatement,
  precondition: PreconditionFailure | undefined,
): string {
  if (precondition !== undefined) return `"${id}" was not applied: ${PRECONDITION_FACT[precondition]}`
  const { index, count, kind } = statementDetails(place, script, numbering)
  if (place.kind === 'statement') {
    const what = kind === 'verify' ? 'verify' : 'statement'
    const verdict = kind === 'verify' && isVerdict(error) ? 'failed: ' : ''
    return `"${id}" ${what} ${index} of ${count}: ${verdict}${error.message}`
  }
  const when = place.kind === 'open' ? 'before its first statement' : 'at its end'
  return `"${id}" failed ${when}: ${error.message}`
}

function statementDetails(
  place: StatementPosition,
  { statements }: FailedStatement['script'],
  numbering: FailedStatement['numbering'],
) {
  if (place.kind !== 'statement') {
    return { index: null, count: numbering?.count ?? statements.length, kind: null }
  }
  const { kind } = place.statement
  if (numbering !== undefined) return { ...numbering, kind }
  const same = statements.filter((one) => one.kind === kind)
  return { index: same.indexOf(place.statement) + 1, count: same.length, kind }
}

function serverDetails(error: ServerError) {
  const masked = (text: string | undefined) => (text === undefined ? null : maskSecrets(text))
  return {
    sqlState: error.code,
    serverMessage: maskSecrets(error.message),
    detail: masked(error.detail),
    hint: masked(error.hint),
    where: masked(ownLinesOut(error.where)),
    internalQuery: masked(error.internalQuery),
    schema: error.schema ?? null,
    table: error.table ?? null,
    column: error.column ?? null,
    constraint: error.constraint ?? null,
  }
}

/** Of a query of `@verify`: its text; the SQLSTATE and the context of a verdict are our own, and say nothing. */
function verifyDetails({ place, error }: FailedStatement) {
  if (place.kind !== 'statement' || place.statement.kind !== 'verify') return {}
  const { source, span } = shownPlace(place.statement.source, place.statement.span)
  const query = maskSecrets(source.text.slice(span.start, span.end))
  return isVerdict(error) ? { query, sqlState: null, where: null, detail: verdictRow(error) } : { query }
}

/** The context of a verify block names the block itself: noise. */
function ownLinesOut(where: string | undefined): string | undefined {
  const lines = where?.split('\n').filter((line) => !line.includes('tidemark_'))
  return lines === undefined || lines.length === 0 ? undefined : lines.join('\n')
}

function locate({ place, script, error }: FailedStatement) {
  const found = placeSpan(place, error)
  if (found === undefined) return { location: { path: script.source.path, line: 1, column: 1 } }
  const sent = place.kind === 'statement' ? place.statement.source : script.source
  const { source, span: written } = shownPlace(sent, found)
  const masked = maskText(source.text)
  const shown = { start: masked.mapOffset(written.start), end: masked.mapOffset(written.end) }
  return {
    location: { path: source.path, ...lineAndColumn(source, written.start) },
    frame: codeFrame(masked.text, shown, { look: 'marked', linesBefore: 1 }),
  }
}

function placeSpan(place: StatementPosition, error: Error): Span | undefined {
  const statement = place.kind === 'statement' ? place.statement : undefined
  if (statement === undefined) return undefined
  if (!isServerError(error)) return statement.span
  const located = locateError(error, statement)
  return located === statement.span ? firstWord(statement.source.text, located) : located
}

/** Of a whole statement its first word is shown: the caret is where it begins. */
function firstWord(text: string, { start, end }: Span): Span {
  const length = /^\w+/.exec(text.slice(start, Math.min(end, start + 63)))?.[0].length ?? 1
  return { start, end: start + length }
}

/** What the database holds after a step that was rolled back. */
export function describeUnchanged(id: MigrationId, done: readonly MigrationId[]): string {
  const state = `The database is unchanged by "${id}" (rolled back).`
  return done.length === 0 ? state : `${state} ${listDone(done)}`
}

/** Names what a run has done before a failure, such as `001_a, 002_b are done.` */
export function listDone(done: readonly MigrationId[]): string {
  const shown = done.slice(-3).join(', ')
  const more = done.length > 3 ? `${done.length - 3} more, ` : ''
  return `${more}${shown} ${done.length === 1 ? 'is' : 'are'} done.`
}
