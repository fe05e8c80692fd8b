/** SQLSTATEs that the engine distinguishes. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQL_STATE = {
  protocolViolation: '08P01',
  activeTransaction: '25001',
  inFailedTransaction: '25P02',
  invalidPassword: '28P01',
  invalidAuthorization: '28000',
  unknownDatabase: '3D000',
  insufficientPrivilege: '42501',
  lockNotAvailable: '55P03',
  deadlockDetected: '40P01',
  serializationFailure: '40001',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
  tooManyConnections: '53300',
  invalidTransactionTermination: '2D000',
} as const

/**
 * The function of the server that refuses a logical replication slot in a transaction that has written; unlike
 * its message it is in no language.
 */
export const WRITTEN_BEFORE = 'CreateInitDecodingContext'

/** The fields of an ErrorResponse. https://www.postgresql.org/docs/current/protocol-error-fields.html */
export interface ServerError extends Error {
  readonly code: string
  readonly severity?: string | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  /** Counted in code points from 1, over the message that was sent. */
  readonly position?: string | undefined
  readonly internalPosition?: string | undefined
  readonly internalQuery?: string | undefined
  readonly where?: string | undefined
  readonly schema?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly constraint?: string | undefined
  /** The function of the server's source that reported it. */
  readonly routine?: string | undefined
}

/** Tells whether an error was sent by the server (it has a SQLSTATE), in contrast to a lost connection. */
export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^[0-9A-Z]{5}$/.test(error.code) &&
    'severity' in error
  )
}

const RETRYABLE: ReadonlySet<string> = new Set([
  SQL_STATE.lockNotAvailable,
  SQL_STATE.deadlockDetected,
  SQL_STATE.serializationFailure,
])

/** Tells whether trying again from a clean rollback can help (I8). */
export function isRetryable(error: unknown): error is ServerError {
  return isServerError(error) && RETRYABLE.has(error.code)
}

const FATAL: ReadonlySet<string> = new Set([
  SQL_STATE.adminShutdown,
  SQL_STATE.crashShutdown,
  SQL_STATE.cannotConnectNow,
  '25P04', // transaction_timeout
  '25P03', // idle_in_transaction_session_timeout
  '57P05', // idle_session_timeout
])

/** Tells whether the connection is gone: a socket error, or a server that ended the session. */
export function isConnectionLost(error: unknown): boolean {
  if (!isServerError(error)) return true
  const isFatal = error.severity === 'FATAL' || error.severity === 'PANIC' || FATAL.has(error.code)
  return isFatal || error.code.startsWith('08')
}
