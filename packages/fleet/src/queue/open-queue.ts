import { guardListener, maskSecrets, TidemarkError } from '@tidemark/core'
import type { Pool } from 'pg'
import type { FleetOptions } from '../fleet-options.ts'
import type { FleetQueue } from './fleet-queue.ts'
import { openQueueDatabase } from './queue-database.ts'
import { findQueued, listQueued, type QueuedRollout, steerRollout } from './rollout-store.ts'
import { watchQueued } from './watch-queued.ts'

/** Sessions of one who only asks; a worker needs more. */
export const FEW = 2
const MOST = 8

/**
 * Uses the database of a queue, which is made where it is missing, and closes it.
 *
 * @throws TidemarkError TM5007 where the database is lost meanwhile.
 */
export async function withQueue<T>(
  url: string,
  connections: number,
  run: (pool: Pool) => Promise<T>,
): Promise<T> {
  const pool = await openQueueDatabase(url, { use: 'write', connections })
  if (pool === undefined) throw new TypeError('a queue that is written is made')
  return using(pool, async () => {
    const { makeEngineObjects } = await import('./engine.ts')
    await makeEngineObjects(pool)
    return run(pool)
  })
}

async function using<T>(pool: Pool, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof TidemarkError || error instanceof TypeError) throw error
    throw new TidemarkError({
      code: 'TM5007',
      message: `the queue cannot be used: ${maskSecrets(error instanceof Error ? error.message : String(error))}`,
      help: 'what is in the queue is kept: watch it with tidemark fleet up --attach, or start the worker again',
      cause: error,
    })
  } finally {
    await pool.end()
  }
}

/** Makes the queue in a database; connects to nothing yet. */
export function openQueue(options: FleetOptions, url: string): FleetQueue {
  const steer = (to: 'pause' | 'resume' | 'cancel') => (rollout?: string) =>
    withQueue(url, FEW, async (pool) => {
      const { rolloutId } = await choose(pool, rollout)
      const isOpen = await steerRollout(pool, rolloutId, to)
      const found = await findQueued(pool, rolloutId)
      if (isOpen) return found
      throw unknownRollout(`the rollout "${rolloutId}" is over: it is ${found.state}`)
    })
  return {
    work: async (given = {}) => {
      const { work } = await import('./work.ts')
      const { concurrency = options.concurrency ?? 16 } = given
      const connections = Math.min(concurrency, MOST) + FEW
      await withQueue(url, connections, (pool) =>
        work(pool, options, { ...given, onEvent: guarded(given.onEvent) }),
      )
    },
    attach: (rollout, given = {}) =>
      withQueue(url, FEW, async (pool) => {
        const { rolloutId } = await choose(pool, rollout)
        return watchQueued(pool, rolloutId, { ...given, onEvent: guarded(given.onEvent) })
      }),
    cancel: steer('cancel'),
    pause: steer('pause'),
    resume: steer('resume'),
    list: async (choice = {}) => {
      const pool = await openQueueDatabase(url, { use: 'read', connections: FEW })
      return pool === undefined ? [] : using(pool, () => listQueued(pool, choice))
    },
  }
}

/** What only listens decides nothing. */
function guarded<Event>(listen: ((event: Event) => void) | undefined): (event: Event) => void {
  return guardListener('onEvent', listen ?? (() => undefined), (message) =>
    process.emitWarning(message, 'TidemarkWarning'),
  )
}

async function choose(pool: Pool, rollout: string | undefined): Promise<QueuedRollout> {
  const found = await listQueued(
    pool,
    rollout === undefined ? { states: ['running', 'paused'] } : { id: rollout, limit: 10 },
  )
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (first === undefined)
    throw unknownRollout(
      rollout === undefined
        ? 'no rollout of the queue is open'
        : `there is no rollout "${rollout}" in the queue`,
    )
  throw unknownRollout(
    `${rollout === undefined ? 'several rollouts are open' : `several rollouts begin with "${rollout}"`}: ${found.map(({ rolloutId }) => rolloutId).join(', ')}`,
  )
}

function unknownRollout(message: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7074',
    message,
    help: 'name one; see those that there are: tidemark fleet history',
  })
}
