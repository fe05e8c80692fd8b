import type { AcquireLockOptions, LockHolder } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { backoffMs, wait } from '../connection/wait.ts'
import { lockKey, waitingKey } from './lock-key.ts'
import { interruptedBefore, lockNotObtained } from './run-errors.ts'
import { endWaiting, findHolder, isRunWaiting, showWaiting, tryLock } from './run-lock.ts'

const DELAY = { firstMs: 100, limitMs: 1000 }

/**
 * Polls the run lock of a tracking schema until it is taken, the limit has passed, or `mayLeave` answers that nothing is left to
 * do. Never the blocking call: the snapshot of a waiter in it deadlocks with CREATE INDEX CONCURRENTLY of the
 * holder. Between two tries no transaction is open.
 */
export async function pollLock(
  connection: Connection,
  schema: string,
  { waitMs, onEvent, mayLeave, signal, waits = 'openly' }: AcquireLockOptions,
): Promise<'acquired' | 'left'> {
  const startedAt = performance.now()
  const key = lockKey(schema)
  let isShown = false
  for (let attempt = 1; ; attempt += 1) {
    if (await tryLock(connection, key)) {
      if (isShown) await endWaiting(connection, waitingKey(schema))
      onEvent({ kind: 'lock_acquired', waitedMs: performance.now() - startedAt })
      return 'acquired'
    }
    const holder = await findHolder(connection, schema)
    const waitedMs = performance.now() - startedAt
    onEvent({ kind: 'lock_waiting', waitedMs, limitMs: waitMs, holder })
    if (await mayLeave()) return 'left'
    if (waits === 'openly' && !isShown) isShown = await showWaiting(connection, waitingKey(schema))
    await delay({ attempt, leftMs: waitMs - waitedMs, waitMs, holder, signal })
  }
}

async function delay(turn: {
  readonly attempt: number
  readonly leftMs: number
  readonly waitMs: number
  readonly holder: LockHolder | null
  readonly signal: AbortSignal | undefined
}): Promise<void> {
  const { attempt, leftMs, waitMs, holder, signal } = turn
  if (leftMs <= 0) throw lockNotObtained(waitMs, holder)
  try {
    await wait(Math.min(leftMs, backoffMs(attempt, DELAY)), signal)
  } catch (cause) {
    throw interruptedBefore('while waiting for the run lock', cause)
  }
}

const TAKEN_LIMIT_MS = 5000

/** Waits until the run that was let in has the lock, or none waits any more. */
export async function untilTaken(connection: Connection, schema: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < TAKEN_LIMIT_MS; waitedMs += 50) {
    if (!(await isRunWaiting(connection, waitingKey(schema)))) return
    if ((await findHolder(connection, schema)) !== null) return
    await wait(50)
  }
}
