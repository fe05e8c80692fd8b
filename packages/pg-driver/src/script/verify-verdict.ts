import { maskSecrets } from '@tidemark/core'
import { isServerError, type ServerError } from '../connection/sql-state.ts'
import { VERIFY_STATE } from './verify-block.ts'

const STATES: readonly string[] = [VERIFY_STATE.notTrue, VERIFY_STATE.noRow, VERIFY_STATE.notBoolean]

/** Whether a verify block says that its query does not hold; else the query itself failed. */
export function isVerdict(error: Error): error is ServerError {
  return isServerError(error) && STATES.includes(error.code)
}

/** The other columns of the row that is not true, as JSON; null when it has none. */
export function verdictRow({ detail }: ServerError): string | null {
  return detail === undefined || detail === '' ? null : maskSecrets(detail)
}
