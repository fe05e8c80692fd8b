import type { AcquireLockOptions, LockHolder } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { backoffMs, wait } from '../connection/wait.ts'
import { lockKey } from './lock-key.ts'
import { interruptedBefore, lockNotObtained } from './run-errors.ts'
import { findHolder, tryLock } from './run-lock.ts'

const DELAY = { firstMs: 100, limitMs: 1000 }

/**
 * Polls the run lock of a tracking schema until it is taken, the limit has passed, or `mayLeave` answers that nothing is left to
 * do. Never the blocking call: the snapshot of a waiter in it deadlocks with CREATE INDEX CONCURRENTLY of the
 * holder. Between two tries no transaction is open.
 */
export async function pollLock(
  connection: Connection,
  schema: string,
  { waitMs, onEvent, mayLeave, signal }: AcquireLockOptions,
): Promise<'acquired' | 'left'> {
  const startedAt = performance.now()
  const key = lockKey(schema)
  for (let attempt = 1; ; attempt += 1) {
    if (await tryLock(connection, key)) {
      onEvent({ kind: 'lock_acquired', waitedMs: performance.now() - startedAt })
      return 'acquired'
    }
    const holder = await findHolder(connection, schema)
    const waitedMs = performance.now() - startedAt
    onEvent({ kind: 'lock_waiting', waitedMs, limitMs: waitMs, holder })
    if (await mayLeave()) return 'left'
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
