import { TidemarkError, type TrackingStore } from '@tidemark/core'
import { isConnectionLost } from './sql-state.ts'

/**
 * Does a part of the work outside migrations; there a lost connection leaves nothing in doubt.
 *
 * @param doing completes "the connection was lost while …"
 * @throws TidemarkError TM5007 in place of the driver's error; any other error as it is.
 * @example await tellingLoss('reading the history', () => store.readHistory())
 */
export async function tellingLoss<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isOurs = error instanceof TidemarkError || error instanceof TypeError
    if (isOurs || !isConnectionLost(error)) throw error
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

/** A store that tells of a lost connection in this way. */
export function storeTellingLoss(store: TrackingStore): TrackingStore {
  const doing = 'reading the tracking tables'
  return {
    readHistory: () => tellingLoss(doing, () => store.readHistory()),
    readStored: (ids) => tellingLoss(doing, () => store.readStored(ids)),
    listAttempts: (filter) => tellingLoss(doing, () => store.listAttempts(filter)),
  }
}
