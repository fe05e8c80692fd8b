/** Why a database URL cannot be used. Neither text repeats the URL, which may hold a password. */
export interface UrlProblem {
  readonly code: 'TM7050' | 'TM7052'
  /** Completes "the database URL …". */
  readonly reason: string
  readonly help: string
}

/** A problem of the URL itself. */
export function urlProblem(reason: string, help: string): UrlProblem {
  return { code: 'TM7050', reason, help }
}
