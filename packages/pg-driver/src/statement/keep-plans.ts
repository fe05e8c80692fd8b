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
 * statements of ours are there; null where a file has left another, or a transaction, which began before this
 * message.
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
    THEN pg_catalog.count(*)::pg_catalog.int4 END AS kept FROM pg_catalog.pg_prepared_statement()`,
]

/**
 * Makes the server keep its plans of our statements that are the same for every schema: planning them takes longer
 * than running them. Behind a pooler the next message may reach another process, so there nothing is kept.
 */
export async function keepPlans(connection: Connection): Promise<KeptConnection> {
  const { rows } = await connection.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid')
  if (rows[0]?.pid !== connection.processId) {
    return { connection, reset: async () => void (await sendMessage(connection, 'DISCARD ALL')) }
  }
  const plans = createPreparedStatements(PREFIX)
  const names = new Set<string>()
  const writeShared: Connection['writeShared'] = (statement) => {
    names.add(statement.sql)
    return plans.call(statement).join(SEPARATOR)
  }
  return {
    connection: { ...connection, writeShared },
    async reset() {
      const answers = await sendMessage(connection, RESET.join(SEPARATOR))
      const kept = answers.at(-1)?.rows[0]?.['kept']
      if (kept === names.size) return
      names.clear()
      plans.forget()
      await sendMessage(connection, 'DISCARD ALL')
    },
  }
}
