import type { RunEvent } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'

/** How long a COMMIT may wait for a synchronous standby before that is said. */
export const STANDBY_PATIENCE_MS = 3000

/**
 * Finds whether a server process waits for a synchronous standby, as a note; undefined when it does not.
 *
 * @see https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION
 */
export async function findStandbyWait(control: Connection, pid: number): Promise<RunEvent | undefined> {
  const { rows } = await control.query<{ names: string }>(
    `SELECT pg_catalog.current_setting('synchronous_standby_names') AS names
     FROM pg_catalog.pg_stat_activity WHERE pid = ${pid} AND wait_event = 'SyncRep'`,
  )
  const [row] = rows
  if (row === undefined) return undefined
  return {
    kind: 'note',
    message: `COMMIT waits for a synchronous standby (synchronous_standby_names = ${row.names})`,
    help: 'start the standby, or take it out: ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf(); an interrupt ends the wait, and what is committed here stays',
  }
}

/** Does what writes rows of ours, and says that it waits for a standby when it takes long. */
export async function watchCommits<T>(
  { engine, connection, emit }: Pick<ExecutionContext, 'engine' | 'connection' | 'emit'>,
  work: () => Promise<T>,
): Promise<T> {
  if (connection.kind === 'embedded') return work()
  const look = async () => {
    const control = await engine.connect('control')
    const wait = await findStandbyWait(control, connection.processId).finally(() => control.close())
    if (wait !== undefined) emit(wait)
  }
  const timer = setTimeout(() => void look().catch(() => undefined), STANDBY_PATIENCE_MS)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}
