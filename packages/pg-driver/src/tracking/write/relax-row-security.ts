import { sql } from 'kysely'
import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { isServerError, SQL_STATE } from '../../connection/sql-state.ts'
import { compileStatement, execute } from '../../statement/compiled-statement.ts'
import { READ_POLICY } from '../schema/tracking-schema.ts'
import type { TrackingState } from '../schema/tracking-state.ts'
import type { InstallOptions } from './install.ts'
import { wantsRowSecurity } from './privileges.ts'

/** Such as a `pg_dump` that reads the tables holds a lock that this would wait for. */
const PATIENCE = 'SET LOCAL lock_timeout = 500'

/**
 * Turns row level security off where it is not wanted: older versions turned it on everywhere. Only the owner
 * can, and no run waits long or fails for it: the next one tries again.
 *
 * @returns whether it was turned off.
 */
export async function relaxRowSecurity(
  connection: Connection,
  state: TrackingState,
  options: InstallOptions,
): Promise<boolean> {
  if (wantsRowSecurity(state, options)) return false
  const secured = state.tables.filter(({ rowSecurity, owned }) => rowSecurity && owned)
  if (secured.length === 0) return false
  const { schema } = options
  await sendMessage(connection, `BEGIN;\n${PATIENCE}`)
  try {
    for (const { name } of secured) {
      const table = sql.id(schema, name)
      for (const statement of [
        sql`alter table ${table} disable row level security`,
        sql`drop policy if exists ${sql.id(READ_POLICY)} on ${table}`,
      ])
        await execute(
          connection,
          compileStatement(schema, () => statement),
        )
    }
    await sendMessage(connection, 'COMMIT')
    return true
  } catch (error) {
    await sendMessage(connection, 'ROLLBACK').catch(() => undefined)
    if (isServerError(error) && error.code === SQL_STATE.lockNotAvailable) return false
    throw error
  }
}
