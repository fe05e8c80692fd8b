import type { SessionTouch, StatementFacts } from '@tidemark/core'

/** A statement that is done, with its facts. */
export interface DoneStatement {
  /** Its text, as sent. */
  readonly text: string
  readonly facts: StatementFacts
}

/**
 * What a new session needs before the rest of a half-done file can run in it: the statements to repeat; or, where what
 * is gone cannot be made again, `start_over` when nothing of what is done outlived the session, else `refuse`.
 */
export type SessionReplay =
  | { readonly kind: 'replay'; readonly texts: readonly string[] }
  | { readonly kind: 'start_over' }
  | { readonly kind: 'refuse'; readonly because: 'temporary_object' | 'cursor' }

/**
 * Decides how a session is brought to where the one before it was.
 *
 * @example planReplay([{ text: 'SET search_path TO app', facts }]) // { kind: 'replay', texts: ['SET search_path TO app'] }
 */
export function planReplay(statements: readonly DoneStatement[]): SessionReplay {
  const done = afterDiscard(statements)
  const lost = done.flatMap(({ facts }) => facts.sessionTouches).find(isLost)
  if (lost === undefined) {
    return { kind: 'replay', texts: done.filter(isReplayable).map(({ text }) => text) }
  }
  const temporary = new Set(done.flatMap(({ facts }) => namesOfTemporaryTables(facts)))
  const isLocal = done.every((statement) => isReplayable(statement) || staysInSession(statement, temporary))
  return isLocal ? { kind: 'start_over' } : { kind: 'refuse', because: lost.kind }
}

/** DISCARD ALL made the session new: what came before it is gone in any case. */
function afterDiscard(statements: readonly DoneStatement[]): readonly DoneStatement[] {
  const at = statements.findLastIndex(({ facts }) => facts.refusesTransaction === 'DISCARD ALL')
  return at < 0 ? statements : statements.slice(at + 1)
}

type LostTouch = SessionTouch & { readonly kind: 'temporary_object' | 'cursor' }

function isLost(touch: SessionTouch): touch is LostTouch {
  return touch.kind === 'temporary_object' || touch.kind === 'cursor'
}

/** What can be said again to a new session without doing anything else. */
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

function isReplayable({ facts }: DoneStatement): boolean {
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

/** The table that a plain command writes to or looks after. */
const TARGET =
  /^\s*(?:insert\s+into|copy|update|delete\s+from|analyze|truncate(?:\s+table)?|drop\s+table(?:\s+if\s+exists)?|alter\s+table(?:\s+if\s+exists)?)\s+(?:only\s+)?(?:pg_temp\.)?("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)(?!\s*\.)/iu

/** Tells whether a statement did nothing but to temporary tables; what only running it tells counts as more. */
function staysInSession({ text, facts }: DoneStatement, temporary: ReadonlySet<string>): boolean {
  if (facts.sessionTouches.some((touch) => touch.kind === 'unknown' && touch.because === 'function'))
    return false
  if (facts.createdTable !== undefined) return temporary.has(facts.createdTable.name)
  if (facts.sessionTouches.some(isLost)) return true
  if (facts.indexBuild !== undefined) return temporary.has(facts.indexBuild.table.name)
  const name = TARGET.exec(text)?.[1]
  return name !== undefined && temporary.has(foldName(name))
}

function foldName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}
