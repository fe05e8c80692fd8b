import { readStatementFacts, type SessionTouch, scanSql } from '@tidemark/core'
import type { FailedStatement } from './describe-failure.ts'

/** A statement that may have changed the role before another failed. */
export interface RoleChange {
  /** Its place in the section, from 1. */
  readonly number: number
  /** `SET ROLE` itself, or a function that may do it. */
  readonly by: 'statement' | 'function'
}

/** Finds the last statement before the one that failed that changes the role, or calls what may. */
export function findRoleChange({
  script,
  place,
}: Pick<FailedStatement, 'script' | 'place'>): RoleChange | undefined {
  if (place.kind !== 'statement') return undefined
  const earlier = script.statements.slice(0, place.index)
  for (const [index, { text }] of [...earlier.entries()].reverse()) {
    const touches = scanSql(text).statements.flatMap(
      (statement) => readStatementFacts(text, statement).sessionTouches,
    )
    if (touches.some(setsRole)) return { number: index + 1, by: 'statement' }
    if (touches.some(mayCallOne)) return { number: index + 1, by: 'function' }
  }
  return undefined
}

function setsRole(touch: SessionTouch): boolean {
  return touch.kind === 'role' || touch.kind === 'session_authorization'
}

function mayCallOne(touch: SessionTouch): boolean {
  return touch.kind === 'unknown' && (touch.because === 'function' || touch.because === 'code')
}
