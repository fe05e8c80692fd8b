import { TidemarkError } from '@tidemark/core'
import { isServerError } from '@tidemark/pg-driver/engine'

/** Where and why a migration failed on the shadow. */
export interface TrialFailure {
  readonly section: 'up' | 'down'
  /** The place of the statement in its section, from 0; null when the end of the section failed, or is not known. */
  readonly statement: number | null
  /** What the server says. */
  readonly message: string
  readonly sqlState: string | null
  /** The column that it is about, where the server names one. */
  readonly column: string | null
}

/**
 * Reads what a section failed with, in a trial or in a run.
 *
 * @throws the error itself where it is not the SQL that failed, such as a lost connection.
 */
export function toTrialFailure(
  error: unknown,
  section: TrialFailure['section'],
  statement: number | null = null,
): TrialFailure {
  if (isServerError(error)) {
    const { message, code, column = null } = error
    return { section, statement, message, sqlState: code, column }
  }
  if (!(error instanceof TidemarkError)) throw error
  const { serverMessage, sqlState, index } = error.details as Readonly<Record<string, unknown>>
  // An extension that the shadow does not have is refused before the server sees it.
  if (error.code === 'TM5032')
    return { section, statement: null, message: error.message, sqlState: null, column: null }
  if (typeof serverMessage !== 'string') throw error
  return {
    section,
    statement: typeof index === 'number' ? index - 1 : null,
    message: serverMessage,
    sqlState: typeof sqlState === 'string' ? sqlState : null,
    column: null,
  }
}
