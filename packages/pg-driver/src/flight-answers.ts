import type { QueryAnswer } from './connection.ts'
import type { FlightPlace } from './flight-messages.ts'

type Answers = readonly QueryAnswer<Record<string, unknown>>[]

/** A COMMIT that was answered with another tag: PostgreSQL "commits" a failed transaction with the tag ROLLBACK. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError'
}

/** Tells what is wrong with an answer that is no error. */
export function checkAnswer(place: FlightPlace, answers: Answers): Error | undefined {
  if (place.kind !== 'close') return undefined
  const tag = answers.at(-1)?.tag
  return tag === 'COMMIT' ? undefined : new CommitRefusedError(`COMMIT was answered with the tag ${tag}`)
}

/** The transaction's id, which the guard answers. */
export function readXid(answers: Answers): string | undefined {
  const xid = answers.find((answer) => answer.rows[0] !== undefined && 'xid' in answer.rows[0])?.rows[0]?.[
    'xid'
  ]
  return typeof xid === 'string' ? xid : undefined
}

/** The time from BEGIN to the record as the server measured it, which the record answers. */
export function readDuration(answers: Answers): number | undefined {
  const key = 'execution_time_ms'
  const ms = answers.find((answer) => answer.rows[0] !== undefined && key in answer.rows[0])?.rows[0]?.[key]
  return typeof ms === 'number' ? ms : undefined
}
