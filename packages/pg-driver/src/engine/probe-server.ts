import { TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { isServerError } from '../connection/sql-state.ts'
import { tryLockSql } from '../lock/run-lock.ts'

/** What one query finds out about a server. */
export interface ServerFacts {
  readonly pid: number
  readonly version: string
  readonly database: string
  readonly user: string
  readonly systemIdentifier: string | null
  /**
   * A limit on whole transactions that the role or the database sets; null where there is none, or no such
   * setting (before 17).
   */
  readonly transactionTimeout: string | null
  /** Null when it was not tried: not asked for, or a pooler is in between. */
  readonly locked: boolean | null
}

const FACTS = `pg_catalog.pg_backend_pid() AS pid, pg_catalog.current_setting('server_version') AS version,
  pg_catalog.current_database()::pg_catalog.text AS database, current_user::pg_catalog.text AS "user",
  NULLIF(pg_catalog.current_setting('transaction_timeout', true), '0') AS "transactionTimeout"`
const SYSTEM_IDENTIFIER = '(SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system())'

/**
 * Asks who answers, in one query; with a lock key it also tries the run lock once, but only where no pooler
 * is in between.
 */
export async function readServerFacts(
  connection: Connection,
  lockKey: string | undefined,
): Promise<ServerFacts> {
  const isDirect =
    connection.kind === 'embedded' ? 'true' : `pg_catalog.pg_backend_pid() = ${connection.processId}`
  const locked = lockKey === undefined ? 'NULL' : `CASE WHEN ${isDirect} THEN ${tryLockSql(lockKey)} END`
  const select = (identifier: string) =>
    `SELECT ${FACTS}, ${identifier} AS "systemIdentifier", ${locked} AS locked`
  const answer = await connection.query<ServerFacts>(select(SYSTEM_IDENTIFIER)).catch((error: unknown) => {
    if (!isServerError(error)) throw error
    return connection.query<ServerFacts>(select('NULL'))
  })
  const [facts] = answer.rows
  if (facts === undefined) throw new TypeError('the server answered no row to SELECT without FROM')
  return facts
}

/** TM5002 with the way round. */
export function poolerRefused(help: string): TidemarkError {
  return new TidemarkError({
    code: 'TM5002',
    message:
      'there is a transaction pooler before the server: each transaction may use another session, so the run lock and settings would not work',
    help,
  })
}
