import { codePointToOffset } from '@tidemark/core'
import type { QueryAnswer } from '../connection/connection.ts'
import { isServerError } from '../connection/sql-state.ts'
import type { MessagePart, PipelinedMessage, StatementPosition } from './pipelined-messages.ts'

type Answers = readonly QueryAnswer<Record<string, unknown>>[]

/**
 * A COMMIT that was answered with another tag: PostgreSQL "commits" a failed transaction with the tag
 * ROLLBACK.
 */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
}

/** Finds what is wrong with an answer that is no error. */
export function checkAnswer(place: StatementPosition, answers: Answers): Error | undefined {
  if (place.kind !== 'close') return undefined
  const tag = answers.at(-1)?.tag
  return tag === 'COMMIT' ? undefined : new CommitRefusedError(`COMMIT was answered with the tag ${tag}`)
}

/** The transaction's id, which the precondition answers. */
export function readXid(answers: Answers): string | undefined {
  const xid = answers.find((answer) => answer.rows[0] !== undefined && 'xid' in answer.rows[0])?.rows[0]?.[
    'xid'
  ]
  return typeof xid === 'string' ? xid : undefined
}

/**
 * Finds which part of a message an error belongs to: the one that its position lies in, or else the one whose
 * answer it is. What is refused before anything ran, and has no position, is the user's text: ours is always
 * the same.
 */
export function findFailedPart(
  { parts, text }: PipelinedMessage,
  error: Error,
  answered: number,
): MessagePart | undefined {
  if (isServerError(error) && error.position !== undefined) {
    const offset = codePointToOffset(text, Number(error.position))
    return parts.findLast(({ start }) => start <= offset)
  }
  if (answered === 0 && parts.length > 1) return parts.find(({ place }) => place.kind === 'statement')
  let end = 0
  return parts.find(({ answers }) => {
    end += answers ?? Number.POSITIVE_INFINITY
    return answered < end
  })
}

/** The time from BEGIN to the record as the server measured it, which the record answers. */
export function readDuration(answers: Answers): number | undefined {
  const key = 'execution_time_ms'
  const ms = answers.find((answer) => answer.rows[0] !== undefined && key in answer.rows[0])?.rows[0]?.[key]
  return typeof ms === 'number' ? ms : undefined
}
