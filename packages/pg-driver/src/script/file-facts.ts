import { readStatementFacts, type SessionTouch, type SqlStatement, type StatementFacts } from '@tidemark/core'

/** What the text of a section says about the session that runs it. */
export interface FileFacts {
  /** Nothing in it can outlive its transaction: no reset is needed. */
  readonly leavesNothing: boolean
  /** It may change the role, so the record must leave that role first. */
  readonly mayChangeRole: boolean
  /** It may take advisory locks at session level. */
  readonly mayLockAdvisory: boolean
  /**
   * Whether it may make or drop prepared statements: `hidden` is what only a trigger, rule or view could do
   * behind its back.
   */
  readonly preparing: 'ruled_out' | 'hidden' | 'possible'
  /**
   * It may revive a failed transaction, or clear the setting with its transaction's id: each answer must be
   * awaited.
   */
  readonly needsAnswers: boolean
  /**
   * Nothing in it changes how the server reads SQL, or ends statements in another place than the scanner
   * does.
   */
  readonly isPlain: boolean
}

/** What else runs code in a migration, besides its own statements. */
export interface Surroundings {
  /** Its verify, whose effects on tables are undone, but not those on the session. */
  readonly verify: readonly SqlStatement[]
  /** Whether DDL may run triggers of the database behind the file's back. */
  readonly eventTriggers: 'none' | 'possible'
}

const NO_SURROUNDINGS: Surroundings = { verify: [], eventTriggers: 'none' }

/** Reads the facts of statements from their text. */
export function readFileFacts(
  text: string,
  statements: readonly SqlStatement[],
  { verify, eventTriggers }: Surroundings = NO_SURROUNDINGS,
): FileFacts {
  const facts = statements.map((statement) => readStatementFacts(text, statement))
  const own = facts.flatMap((fact) => fact.sessionTouches)
  const touches = eventTriggers === 'none' ? own : [...own, HIDDEN]
  const verifying = verify.flatMap((statement) => readStatementFacts(text, statement).sessionTouches)
  const lasting = [...touches, ...verifying.filter(outlivesVerify)]
  return {
    leavesNothing: lasting.every(endsWithTransaction),
    mayChangeRole: touches.some(mayChangeRole),
    mayLockAdvisory: lasting.some(
      (touch) => touch.kind === 'advisory_lock' || (touch.kind === 'unknown' && touch.because !== 'trigger'),
    ),
    preparing: preparingOf(lasting),
    isPlain: touches.every(isPlain) && facts.every(isSimple),
    needsAnswers:
      touches.some(mayClearXid) ||
      statements.some((statement) => REVIVES.test(text.slice(statement.codeStart, statement.codeEnd))),
  }
}

/**
 * `ROLLBACK TO` brings a failed transaction back to life: what failed behind a savepoint would be passed
 * over.
 */
const REVIVES = /^ROLLBACK\b/i

function preparingOf(touches: readonly SessionTouch[]): FileFacts['preparing'] {
  const unknown = touches.filter((touch) => touch.kind === 'unknown')
  const isNamed = touches.some(({ kind }) => kind === 'prepared_statement' || kind === 'discard')
  if (isNamed || unknown.some(({ because }) => because === 'code' || because === 'function'))
    return 'possible'
  return unknown.length > 0 ? 'hidden' : 'ruled_out'
}

/** What an event trigger may do is what any trigger may do. */
const HIDDEN: SessionTouch = { kind: 'unknown', because: 'trigger' }

/** A verify is rolled back and with it what it set; what it prepared or locked for the session stays. */
function outlivesVerify(touch: SessionTouch): boolean {
  if (touch.kind === 'unknown') return touch.because === 'code' || touch.because === 'function'
  return touch.kind === 'advisory_lock' || touch.kind === 'prepared_statement' || touch.kind === 'discard'
}

function isPlain(touch: SessionTouch): boolean {
  if (touch.kind === 'unknown') return touch.because === 'trigger' || touch.because === 'view'
  return touch.kind === 'sequence' || touch.kind === 'temporary_object'
}

function isSimple({ copy, transactionControl, command }: StatementFacts): boolean {
  return copy === undefined && transactionControl === undefined && !SAVEPOINTS.has(command)
}

const SAVEPOINTS: ReadonlySet<string> = new Set(['SAVEPOINT', 'RELEASE', 'ROLLBACK'])

function endsWithTransaction(touch: SessionTouch): boolean {
  return 'scope' in touch && touch.scope === 'transaction'
}

function mayChangeRole(touch: SessionTouch): boolean {
  return (
    touch.kind === 'role' ||
    touch.kind === 'session_authorization' ||
    touch.kind === 'unknown' ||
    (touch.kind === 'setting' && touch.name === undefined)
  )
}

function mayClearXid(touch: SessionTouch): boolean {
  return (
    touch.kind === 'discard' ||
    (touch.kind === 'setting' && (touch.name === 'all' || touch.name?.startsWith('tidemark.') === true))
  )
}
