/** An answer of the gate, for any framework. */
export interface GateResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The document. To HEAD its headers are sent without it, as Node does by itself. */
  readonly body: string
}

/** What a refusal contains. */
export interface Refusal {
  /**
   * How many required migrations are pending; null: unknown, since no check has succeeded yet or the last one
   * failed.
   */
  readonly pending: number | null
  /** Their ids, if they may be shown. */
  readonly migrations: readonly string[] | null
  /** Seconds after which the client may try again. */
  readonly retryAfterSeconds: number
}

/** The `type` of the problem document. */
export const PROBLEM_TYPE = 'urn:tidemark:schema-not-current'

/**
 * Makes a refusal: 503 with `Retry-After` and a problem document (RFC 9457). It names no host, no SQL and no
 * error; ids only when given. No header holds anything that came from a file or a request.
 */
export function refuse({ pending, migrations, retryAfterSeconds }: Refusal): GateResponse {
  const problem = {
    type: PROBLEM_TYPE,
    title: 'Database schema is not current',
    status: 503,
    detail: describe(pending),
    ...(pending === null ? {} : { pending }),
    ...(migrations === null ? {} : { migrations }),
  }
  const headers = { 'retry-after': String(retryAfterSeconds), 'content-type': 'application/problem+json' }
  return respond(503, headers, problem)
}

/** The `type` of the problem document for a request that is for no target. */
export const UNKNOWN_TARGET_TYPE = 'urn:tidemark:unknown-target'

/** Makes the answer to a request that is for no target: 404, with nothing of what was asked for. */
export function refuseUnknownTarget(): GateResponse {
  const headers = { 'content-type': 'application/problem+json' }
  const title = 'Unknown target'
  return respond(404, headers, {
    type: UNKNOWN_TARGET_TYPE,
    title,
    status: 404,
    detail: 'There is no database for this request.',
  })
}

/** Makes a JSON answer that must not be cached. */
export function respond(
  status: number,
  headers: Readonly<Record<string, string>>,
  document: object,
): GateResponse {
  const body = JSON.stringify(document)
  const length = String(new TextEncoder().encode(body).length)
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...headers,
      'cache-control': 'no-store',
      'content-length': length,
    },
    body,
  }
}

function describe(pending: number | null): string {
  if (pending === null) return 'The state of the database schema is not known.'
  if (pending === 0) return 'The database is ahead of this version of the application.'
  return `${pending} required ${pending === 1 ? 'migration is' : 'migrations are'} pending.`
}
