import type { SqlStatement } from '@tidemark/core'

/** What the text of a section says about the session that runs it. */
export interface FileFacts {
  /** Nothing in it can outlive its transaction: no reset is needed. */
  readonly leavesNothing: boolean
  /** It may change the role, so the record must leave that role first. */
  readonly mayChangeRole: boolean
  /** It may take advisory locks at session level. */
  readonly mayLockAdvisory: boolean
  /** It may revive a failed transaction, or clear the marker of its own: each answer must be awaited. */
  readonly needsAnswers: boolean
}

const NEEDS_ANSWERS = /\bROLLBACK\b[\s\S]*?\bTO\b|\bRESET\s+(?:ALL|tidemark)|\bDISCARD\b|\btidemark\.xid\b/i

/** Reads the facts of statements from their text. */
export function readFileFacts(text: string, statements: readonly SqlStatement[]): FileFacts {
  const code = statements.map((statement) => text.slice(statement.codeStart, statement.codeEnd))
  return {
    leavesNothing: false,
    mayChangeRole: true,
    mayLockAdvisory: code.some((statement) => /advisory|\bDO\b|\bCALL\b|EXECUTE/i.test(statement)),
    needsAnswers: code.some((statement) => NEEDS_ANSWERS.test(statement)),
  }
}
