import type { SessionTouch } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Reads SET: a parameter, a role, or the session's user; SET TRANSACTION and SET CONSTRAINTS end with the
 * transaction.
 */
export function readSet(cursor: TokenCursor): FactsPart {
  const isLocal = cursor.accept('local')
  const isSession = !isLocal && cursor.accept('session')
  if (isSession && cursor.isWord('characteristics')) return touches(setting('transaction_mode', 'session'))
  const scope = isLocal ? 'transaction' : 'session'
  // SESSION is both the scope and the first word of SESSION AUTHORIZATION.
  if (isSession && cursor.isWord('authorization')) return touches({ kind: 'session_authorization', scope })
  if (cursor.accept('session', 'authorization')) return touches({ kind: 'session_authorization', scope })
  if (cursor.isWord('transaction') || cursor.isWord('constraints')) return {}
  return touches(touchOf(readParameter(cursor), scope))
}

/** Reads RESET, of which RESET ROLE and RESET SESSION AUTHORIZATION leave other roles than SET left. */
export function readReset(cursor: TokenCursor): FactsPart {
  if (cursor.accept('session', 'authorization')) {
    return touches({ kind: 'session_authorization', scope: 'session' })
  }
  return touches(touchOf(readParameter(cursor), 'session'))
}

/** Reads DECLARE: only a cursor WITH HOLD outlives its transaction. */
export function readDeclare(cursor: TokenCursor): FactsPart {
  cursor.readPart()
  const level = cursor.depth
  while (!cursor.atEnd && !cursor.isWord('for')) {
    if (cursor.depth === level && cursor.accept('with', 'hold')) return touches({ kind: 'cursor' })
    if (!cursor.isWord('with')) cursor.advance()
  }
  return { sessionTouches: [{ kind: 'unknown', because: 'view' }] }
}

/** Reads DISCARD, which PostgreSQL refuses in a transaction when it is DISCARD ALL. */
export function readDiscard(cursor: TokenCursor): FactsPart {
  const isAll = cursor.isWord('all')
  return { ...touches({ kind: 'discard' }), refusesTransaction: isAll ? 'DISCARD ALL' : undefined }
}

/** Names the parameter of a SET, a RESET or a `set_config`, some of which are no plain settings. */
export function touchOf(name: string | undefined, scope: 'session' | 'transaction'): SessionTouch {
  if (name === 'role' || name === 'session_authorization') return { kind: name, scope }
  return setting(name, scope)
}

function readParameter(cursor: TokenCursor): string | undefined {
  if (cursor.accept('time', 'zone')) return 'timezone'
  const name = cursor.readName()
  if (name === undefined) return undefined
  return (name.schema === undefined ? name.name : `${name.schema}.${name.name}`).toLowerCase()
}

function setting(name: string | undefined, scope: 'session' | 'transaction'): SessionTouch {
  return { kind: 'setting', name, scope }
}

function touches(touch: SessionTouch): FactsPart {
  return { sessionTouches: [touch] }
}
