import { withTimeout } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { isServerError, SQL_STATE } from '../connection/sql-state.ts'

/** What is between here and the server. */
export type PoolerKind = 'none' | 'session' | 'transaction'

/** How long a second client may wait for a server process before the pool counts as taken. */
const POOL_TAKEN_MS = 3000

/**
 * Tells whether the pooler between here and the server gives each transaction another server process. Reads
 * only.
 *
 * In session mode the first client keeps its process to itself. In transaction mode, however the pooler
 * chooses, one of these shows: the second client gets that process; the first one gets another (it asks twice
 * in a row, which a round robin cannot answer alike); or another client ran a statement on it in between. The
 * second client may be left in a transaction.
 */
export async function isTransactionPooled(
  first: Connection,
  firstPid: number,
  second: Connection,
): Promise<boolean> {
  const known: Probe = { first, second, pid: firstPid }
  for (const turn of TURNS) {
    const verdict = await turn(known)
    if (verdict !== 'unknown') return verdict === 'shared'
  }
  return false
}

interface Probe {
  readonly first: Connection
  readonly second: Connection
  readonly pid: number
}

type Turn = (probe: Probe) => Promise<'shared' | 'own' | 'unknown'>

const askFirst: Turn = async ({ first, pid }) => ((await readPid(first)) === pid ? 'unknown' : 'shared')

const askSecond: Turn = async ({ second, pid }) => ((await readPid(second)) === pid ? 'shared' : 'unknown')

/**
 * With a transaction open on the second client, its process is taken: the first one must find another, or
 * keep its own.
 */
const holdSecond: Turn = async ({ second, pid }) => {
  const began = sendMessage(second, 'BEGIN READ ONLY').then(
    () => true,
    (error: unknown) => {
      if (isServerError(error) && error.code === SQL_STATE.protocolViolation)
        return 'no transactions' as const
      throw error
    },
  )
  const isServed = await withTimeout(began, { limitMs: POOL_TAKEN_MS, onTimeout: () => false })
  // In statement mode a pooler refuses transactions and closes the connection.
  if (isServed === 'no transactions') return 'shared'
  // The first one is idle: in transaction mode its process would have been free for the second.
  if (!isServed) {
    began.catch(() => undefined)
    return 'own'
  }
  return (await readPid(second)) === pid ? 'shared' : 'unknown'
}

const releaseSecond: Turn = async ({ second }) => {
  await sendMessage(second, 'ROLLBACK')
  return 'unknown'
}

/**
 * The first one's last statement is still the last one that its process ran, unless another client was there.
 */
const watchFirst: Turn = async ({ first, second, pid }) => {
  const { rows: own } = await first.query<{ pid: number; at: string }>(
    `SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.statement_timestamp()::pg_catalog.text AS at`,
  )
  if (own[0]?.pid !== pid) return 'shared'
  const { rows: seen } = await second.query<{ pid: number; at: string | null; state: string | null }>(
    `SELECT pg_catalog.pg_backend_pid() AS pid, a.query_start::pg_catalog.text AS at, a.state FROM (SELECT) AS one
     LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = ${pid}`,
  )
  if (seen[0]?.pid === pid) return 'shared'
  const isKnown = seen[0] !== undefined && seen[0].at !== null && seen[0].state !== 'disabled'
  return isKnown && (seen[0]?.state !== 'idle' || seen[0].at !== own[0].at) ? 'shared' : 'unknown'
}

const TURNS: readonly Turn[] = [
  holdSecond,
  askFirst,
  askFirst,
  releaseSecond,
  askSecond,
  watchFirst,
  watchFirst,
  askFirst,
]

async function readPid(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid')
  return rows[0]?.pid ?? 0
}
