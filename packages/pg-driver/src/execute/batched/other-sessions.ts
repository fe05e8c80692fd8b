import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { PIN_SEARCH_PATH } from '../../statement/search-path.ts'

/** What between two batches is asked about others. */
export interface OtherSessions {
  /** Another run waits for the lock. */
  readonly isRunWaiting: boolean
  /** How far the most delayed standby is behind; null where there is none, or the role may not see it. */
  readonly lagMs: number | null
}

/**
 * Asks who else there is. A run that waits holds its key in shared mode, so that to take it alone is to know
 * that nobody waits.
 *
 * @param waitingKey see `waitingKey`.
 */
export async function readOthers(connection: Connection, waitingKey: string): Promise<OtherSessions> {
  if (connection.kind === 'embedded') return { isRunWaiting: false, lagMs: null }
  const message = [
    'BEGIN READ ONLY',
    PIN_SEARCH_PATH,
    `SELECT NOT pg_catalog.pg_try_advisory_xact_lock((${waitingKey})::pg_catalog.int8) AS waiting,
      (SELECT pg_catalog.max(EXTRACT(epoch FROM r.replay_lag) * 1000)::pg_catalog.float8
       FROM pg_catalog.pg_stat_replication r WHERE r.state = 'streaming') AS lag`,
    'COMMIT',
  ]
  const row = (await sendMessage(connection, message.join(';\n'))).at(2)?.rows[0]
  const lag = row?.['lag']
  return {
    isRunWaiting: row?.['waiting'] === true || row?.['waiting'] === 't',
    lagMs: lag === null || lag === undefined ? null : Number(lag),
  }
}

/**
 * Tells whether others wait for the locks of the transaction that is open, at its end, when it holds all of
 * them. Sent before COMMIT, behind what took them.
 */
export async function isWaitedFor(connection: Connection): Promise<boolean> {
  if (connection.kind === 'embedded') return false
  const [answer] = await sendMessage(
    connection,
    `SELECT FROM pg_catalog.pg_locks w
     WHERE NOT w.granted AND pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(w.pid)) LIMIT 1`,
  )
  return (answer?.rows.length ?? 0) > 0
}
