import { openByUrl } from '@tidemark/pg-driver/client'
import { explainConnectFailure } from '@tidemark/pg-driver/engine'
import { Client, Pool, type PoolClient } from 'pg'
import { createQueue, isQueueCreated, refuseUntrusted } from './queue-schema.ts'

/** `write` makes what is missing; `read` changes nothing. */
export type QueueUse = 'read' | 'write'

const CONNECT_LIMIT_MS = 10_000
const PINNED = '-c search_path=pg_catalog,pg_temp'

/**
 * Connects to the database of the queue, and checks that its objects are ours before any is used. Every session
 * finds names in `pg_catalog` alone.
 *
 * @returns undefined where there is no queue yet and nothing is to be written.
 * @throws TidemarkError TM5001 where it cannot be reached, TM3005 where this role may not create the queue,
 *   TM3008 where another role has a say in it.
 */
export async function openQueueDatabase(
  url: string,
  { use, connections }: { readonly use: QueueUse; readonly connections: number },
): Promise<Pool | undefined> {
  const settings = await openByUrl(url, async (target, watch) => {
    const config = {
      application_name: 'tidemark fleet',
      ...target,
      options: `${target.options ?? ''} ${PINNED}`.trim(),
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      keepAlive: true,
    }
    const client = new Client(config)
    client.on('error', () => undefined)
    const check = watch(client)
    try {
      await client.connect()
      await check()
      await refuseUntrusted(client)
      const isThere = use === 'read' ? await isQueueCreated(client) : await createQueue(client)
      return isThere ? config : undefined
    } finally {
      await client.end().catch(() => undefined)
    }
  }).catch((error: unknown) => {
    throw explainConnectFailure(error, url, CONNECT_LIMIT_MS)
  })
  if (settings === undefined) return undefined
  const pool = new Pool({ ...settings, max: connections })
  // A connection that is lost fails what runs on it; the pool opens another.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Runs statements in one transaction. */
export async function inTransaction<T>(pool: Pool, use: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await use(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    // A session in an unknown state is not used again.
    client.release(true)
    throw error
  }
}
