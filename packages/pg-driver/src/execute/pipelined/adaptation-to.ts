import {
  isRetryable,
  isServerError,
  type ServerError,
  SQL_STATE,
  WRITTEN_BEFORE,
} from '../../connection/sql-state.ts'
import type { Adaptation } from '../../script/step-script.ts'
import { isXidSettingCleared, readPreconditionFailure } from '../../tracking/write/precondition.ts'
import type { PipelinedFailure } from './pipelined-step.ts'

/**
 * Finds how a step that failed is to be sent once more, from a clean rollback: a way in which it may succeed,
 * or in which what it does is found out. `none`: it failed for good.
 */
export function adaptationTo(
  failure: Pick<PipelinedFailure, 'error' | 'place' | 'isRecord' | 'xid'>,
): Adaptation {
  const { error, isRecord, place } = failure
  if (isXidSettingCleared(failure)) return 'xid_cleared'
  if (!isServerError(error)) return 'none'
  if (place.kind === 'statement' && mustComeFirst(error)) return 'no_xid'
  const isOfOthers = ['transaction', 'lock', 'done'].includes(readPreconditionFailure(error) ?? '')
  return isRecord && !isOfOthers && !isRetryable(error) ? 'tables_checked' : 'none'
}

/**
 * What PostgreSQL does only before a transaction has written, such as creating a logical replication slot:
 * the id that our guard gives to the transaction counts as writing.
 */
function mustComeFirst({ code, routine }: ServerError): boolean {
  return code === SQL_STATE.activeTransaction && routine === WRITTEN_BEFORE
}
