import { TidemarkError, type TrackingStore } from '@tidemark/core'
import { isConnectionLost, isServerError, type ServerError } from './sql-state.ts'

/**
 * Does a part of the work outside migrations, where no failure leaves anything in doubt.
 *
 * @param doing completes "the connection was lost while …" and "the server failed while …"
 * @throws TidemarkError TM5007 in place of the driver's error when the connection is gone, TM5014 when the server refused.
 * @example await tellingLoss('reading the history', () => store.readHistory())
 */
export async function tellingLoss<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TidemarkError || error instanceof TypeError) throw error
    if (isServerError(error) && !isConnectionLost(error)) throw serverFailed(doing, error)
    const reason = error instanceof Error ? error.message : String(error)
    throw new TidemarkError({
      code: 'TM5007',
      message: `the connection was lost while ${doing}: ${reason}`,
      help: 'run it again: the records in the database say where to go on',
      details: { databaseState: 'Nothing was cut off.' },
      cause: error,
    })
  }
}

/** A full disk, a lock that is not granted, a limit of the server. */
function serverFailed(doing: string, error: ServerError): TidemarkError {
  return new TidemarkError({
    code: 'TM5014',
    message: `the server failed while ${doing}: ${error.message}`,
    help: error.hint ?? 'mend what the server complains of, then run it again: no migration was cut off',
    details: { sqlState: error.code, detail: error.detail ?? null },
    cause: error,
  })
}

/** A store that tells of a lost connection in this way. */
export function storeTellingLoss(store: TrackingStore): TrackingStore {
  const doing = 'reading the tracking tables'
  return {
    readHistory: () => tellingLoss(doing, () => store.readHistory()),
    readStored: (ids) => tellingLoss(doing, () => store.readStored(ids)),
    listAttempts: (filter) => tellingLoss(doing, () => store.listAttempts(filter)),
  }
}
