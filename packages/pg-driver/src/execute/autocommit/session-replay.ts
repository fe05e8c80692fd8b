import type { SessionTouch, StatementFacts } from '@tidemark/core'

/** A statement that is done, with its facts. */
export interface DoneStatement {
  /** Its text, as sent. */
  readonly text: string
  readonly facts: StatementFacts
}

/**
 * What a new session needs before the rest of a half-done file can run in it: the statements to repeat; or,
 * where what is gone cannot be made again, `start_over` when nothing of what is done outlived the session,
 * else `refuse`.
 */
export type SessionReplay =
  | { readonly kind: 'replay'; readonly texts: readonly string[] }
  | { readonly kind: 'start_over' }
  | { readonly kind: 'refuse'; readonly because: 'temporary_object' | 'cursor' }

/**
 * What a session has seen, added statement by statement, since a large file has too many to keep.
 *
 * @example
 * const history = new SessionHistory()
 * history.add({ text: 'SET search_path TO app', facts })
 * history.plan() // { kind: 'replay', texts: ['SET search_path TO app'] }
 */
export class SessionHistory {
  readonly #temporary = new Set<string>()
  #texts: string[] = []
  #lost: LostTouch | undefined
  #isLocal = true

  /** Takes the next statement that is done. */
  add(statement: DoneStatement): void {
    const { text, facts } = statement
    if (facts.refusesTransaction === 'DISCARD ALL') {
      // It made the session new: what came before it is gone in any case, and what outlived the session is
      // still there.
      this.#texts = []
      this.#lost = undefined
      this.#temporary.clear()
      return
    }
    const replayable = isReplayable(facts)
    if (replayable) this.#texts.push(text)
    this.#lost ??= facts.sessionTouches.find(isLost)
    this.#isLocal &&= !callsUnknown(facts) && (replayable || staysInSession(statement, this.#temporary))
    for (const name of namesOfTemporaryTables(facts)) this.#temporary.add(name)
    for (const name of namesOfDroppedTables(facts)) this.#temporary.delete(name)
  }

  /**
   * Takes a statement that only adds rows, which is looked at no further once something outlived the session.
   */
  addRows(statement: () => DoneStatement): void {
    if (!this.#isLocal) return
    if (this.#temporary.size === 0) this.#isLocal = false
    else this.add(statement())
  }

  /** Decides how a new session is brought to where this one was. */
  plan(): SessionReplay {
    if (this.#lost === undefined) return { kind: 'replay', texts: this.#texts }
    return this.#isLocal ? { kind: 'start_over' } : { kind: 'refuse', because: this.#lost.kind }
  }
}

type LostTouch = SessionTouch & { readonly kind: 'temporary_object' | 'cursor' }

function isLost(touch: SessionTouch): touch is LostTouch {
  return touch.kind === 'temporary_object' || touch.kind === 'cursor'
}

/** What can be run again in a new session without other effects. */
const REPLAYABLE: ReadonlySet<SessionTouch['kind']> = new Set([
  'setting',
  'role',
  'session_authorization',
  'prepared_statement',
  'listen',
  'advisory_lock',
])
const COMMANDS: ReadonlySet<string> = new Set([
  'SET',
  'RESET',
  'SELECT',
  'PREPARE',
  'DEALLOCATE',
  'LISTEN',
  'UNLISTEN',
  'LOAD',
])

function isReplayable(facts: StatementFacts): boolean {
  if (!COMMANDS.has(facts.command) || (facts.command === 'SELECT' && !facts.isQuery)) return false
  if (facts.command === 'LOAD') return true
  return facts.sessionTouches.some((touch) => REPLAYABLE.has(touch.kind) && !endsWithTransaction(touch))
}

function endsWithTransaction(touch: SessionTouch): boolean {
  return 'scope' in touch && touch.scope === 'transaction'
}

function namesOfTemporaryTables({ createdTable, sessionTouches }: StatementFacts): readonly string[] {
  if (createdTable === undefined) return []
  return sessionTouches.some(({ kind }) => kind === 'temporary_object') ? [createdTable.name] : []
}

/** Whatever has the name of one that is dropped is another table. */
function namesOfDroppedTables({ destructions }: StatementFacts): readonly string[] {
  return destructions.flatMap((one) =>
    one.kind === 'drop' && one.object === 'table' ? one.names.map(({ name }) => name) : [],
  )
}

function callsUnknown({ sessionTouches }: StatementFacts): boolean {
  return sessionTouches.some((touch) => touch.kind === 'unknown' && touch.because === 'function')
}

/** The table that a plain command writes to or looks after. */
const TARGET =
  /^\s*(?:insert\s+into|copy|update|delete\s+from|analyze|truncate(?:\s+table)?|drop\s+table(?:\s+if\s+exists)?|alter\s+table(?:\s+if\s+exists)?)\s+(?:only\s+)?(?:pg_temp\.)?("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?!\s*\.)/iu

/** Tells whether a statement changed temporary tables only; where its text does not show that, it did not. */
function staysInSession({ text, facts }: DoneStatement, temporary: ReadonlySet<string>): boolean {
  if (facts.createdTable !== undefined) return namesOfTemporaryTables(facts).length > 0 && !movesRows(facts)
  if (facts.sessionTouches.some(isLost)) return true
  if (facts.indexBuild !== undefined) {
    const { schema, name } = facts.indexBuild.table
    return (schema === undefined || schema === 'pg_temp') && temporary.has(name)
  }
  const name = TARGET.exec(text)?.[1]
  return name !== undefined && temporary.has(foldName(name))
}

/**
 * Tells whether a query that makes a table writes to others too, as `WITH gone AS (DELETE … RETURNING *)`
 * does.
 */
function movesRows({ sessionTouches }: StatementFacts): boolean {
  return sessionTouches.some((touch) => touch.kind === 'unknown' && touch.because === 'trigger')
}

function foldName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}
