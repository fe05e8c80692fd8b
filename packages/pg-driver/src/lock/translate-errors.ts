import { type LockHolder, TidemarkError, TOO_MANY_FILES_HELP, type TrackingStore } from '@tidemark/core'
import { isConnectionLost, isServerError, type ServerError, SQL_STATE } from '../connection/sql-state.ts'
import { describeHolder } from './describe-holder.ts'
import { interruptedBefore } from './run-errors.ts'

/** What is said of a part of the work when it fails. */
export interface Work {
  /** Completes "the connection was lost while …", "the server failed while …" and "interrupted while …". */
  readonly doing: string
  readonly signal?: AbortSignal | undefined
  /** Asks who holds the locks that were waited for. */
  readonly holders?: (() => Promise<readonly LockHolder[]>) | undefined
  /** Asks who set the time limit that a statement of ours met. */
  readonly limit?: (() => Promise<string | undefined>) | undefined
}

/**
 * Does a part of the work outside migrations, where no failure leaves anything in doubt. After the signal
 * nothing is begun.
 *
 * @throws TidemarkError in place of the driver's error TM5007 when the connection is gone, TM5014 when the
 * server refused, TM5008 after the signal.
 * @example await translateErrors({ doing: 'reading the history' }, () => store.readHistory())
 */
export async function translateErrors<T>(part: Work, work: () => Promise<T>): Promise<T> {
  const { doing, signal } = part
  if (signal?.aborted) throw interruptedBefore(`before ${doing}`, signal.reason)
  try {
    return await work()
  } catch (error) {
    if (error instanceof TypeError || (error instanceof TidemarkError && error.code !== 'TM5007')) throw error
    if (signal?.aborted) throw interruptedBefore(`while ${doing}`, error)
    if (error instanceof TidemarkError) throw error
    if (isServerError(error) && !isConnectionLost(error)) throw await serverFailed(part, error)
    const reason = error instanceof Error ? error.message : String(error)
    throw new TidemarkError({
      code: 'TM5007',
      message: `the connection was lost while ${doing}: ${reason}`,
      help: 'run it again: it continues from the records in the database',
      details: { databaseState: 'No migration was interrupted.' },
      cause: error,
    })
  }
}

/** An embedded database that reaches the limit of open files finds the file that it has just made. */
const HELPS: Readonly<Record<string, string>> = { '58P02': TOO_MANY_FILES_HELP, '53000': TOO_MANY_FILES_HELP }

/** A full disk, a lock that is not granted, a limit of the server. */
async function serverFailed({ doing, holders, limit }: Work, error: ServerError): Promise<TidemarkError> {
  const isCancelled = error.code === SQL_STATE.queryCanceled && limit !== undefined
  const set = isCancelled ? await limit().catch(() => undefined) : undefined
  const isLocked = error.code === SQL_STATE.lockNotAvailable && holders !== undefined
  // Who holds the lock is a help, and no reason to fail otherwise.
  const found = isLocked ? await holders().catch(() => []) : []
  const who = found.map(describeHolder)
  return new TidemarkError({
    code: 'TM5014',
    message: `the server failed while ${doing}: ${error.message}`,
    help:
      who.length > 0
        ? `the tracking tables are locked by ${who.join('; ')}`
        : set !== undefined
          ? `no migration is at fault: ${set}. Raise it, or take it back, and run it again`
          : (HELPS[error.code] ??
            error.hint ??
            'fix what the server complains of, then run it again: no migration was cut off'),
    details: {
      sqlState: error.code,
      detail: error.detail ?? null,
      ...(who.length === 0 ? {} : { blockers: who }),
    },
    cause: error,
  })
}

/** Makes a store whose errors are translated by {@link translateErrors}. */
export function translatingStore(store: TrackingStore, rest: Omit<Work, 'doing'>): TrackingStore {
  const part = { doing: 'reading the tracking tables', ...rest }
  return {
    readHistory: () => translateErrors(part, () => store.readHistory()),
    readStored: (ids) => translateErrors(part, () => store.readStored(ids)),
    readIdleRun: () => translateErrors(part, () => store.readIdleRun()),
    readCatalogMark: () => translateErrors(part, () => store.readCatalogMark()),
    listAttempts: (filter) => translateErrors(part, () => store.listAttempts(filter)),
  }
}
