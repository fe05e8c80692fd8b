import type { Connection } from '../connection/connection.ts'
import { SEPARATOR } from '../connection/file-statement.ts'
import { sendMessage } from '../connection/send-message.ts'
import { createPreparedStatements } from './prepared-statements.ts'

/** A connection that is kept for many targets, one after the other. */
export interface KeptConnection {
  readonly connection: Connection
  /**
   * Makes the session as it was when it was new, but for what the server has planned of our own statements.
   *
   * @throws Error where it cannot: then the connection is to be ended.
   */
  reset(): Promise<void>
}

/** Begins like {@link PREPARED_PREFIX}, which all names of ours have. */
const PREFIX = 'tidemark_kept_'

/**
 * What `DISCARD ALL` does, one by one, without its `DEALLOCATE ALL` and `DISCARD PLANS`. At the end, how many
 * statements of ours are there, and when the last of them was prepared; null where a file has left another, or a
 * transaction, which began before this message.
 *
 * @see https://www.postgresql.org/docs/current/sql-discard.html
 */
const RESET = [
  'CLOSE ALL',
  'SET SESSION AUTHORIZATION DEFAULT',
  'RESET ALL',
  'UNLISTEN *',
  'SELECT pg_catalog.pg_advisory_unlock_all()',
  'DISCARD TEMP',
  'DISCARD SEQUENCES',
  `SELECT CASE WHEN pg_catalog.now() OPERATOR(pg_catalog.=) pg_catalog.statement_timestamp()
    AND pg_catalog.bool_and(pg_catalog.starts_with(name, '${PREFIX}')) IS NOT FALSE
    THEN pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.max(prepare_time)) END AS kept
  FROM pg_catalog.pg_prepared_statement()`,
]

/** As at the end of {@link RESET}. */
const KEPT = `SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.max(prepare_time)) AS kept
  FROM pg_catalog.pg_prepared_statement()`

/**
 * Makes the server keep its plans of our statements that are the same for every schema: planning them takes longer
 * than running them. What a file may have put in the place of one is not kept: all are prepared anew in a session
 * without anything of a file, and one that is younger is none of them. Behind a pooler the next message may reach
 * another process, so there nothing is kept.
 */
export async function keepPlans(connection: Connection): Promise<KeptConnection> {
  const { rows } = await connection.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid')
  if (rows[0]?.pid !== connection.processId) {
    return { connection, reset: async () => void (await sendMessage(connection, 'DISCARD ALL')) }
  }
  const plans = createPreparedStatements(PREFIX)
  const preparations: string[] = []
  let known = { preparations: 0, kept: '0 ' }
  const writeShared: Connection['writeShared'] = (statement) => {
    const [first, ...rest] = plans.call(statement)
    if (first !== undefined && rest.length > 0) preparations.push(first)
    return [first, ...rest].join(SEPARATOR)
  }
  return {
    connection: { ...connection, writeShared },
    async reset() {
      const kept = await lastOf(connection, RESET)
      if (kept === known.kept && preparations.length === known.preparations) return
      await sendMessage(connection, 'DISCARD ALL')
      known = {
        preparations: preparations.length,
        kept: String(await lastOf(connection, [...preparations, KEPT])),
      }
    },
  }
}

async function lastOf(connection: Connection, message: readonly string[]): Promise<unknown> {
  const answers = await sendMessage(connection, message.join(SEPARATOR))
  return answers.at(-1)?.rows[0]?.['kept']
}
