import { quoteIdentifier, type TidemarkError } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { isServerError, SQL_STATE } from '../../connection/sql-state.ts'
import type { RowSecurity } from '../../options/engine-settings.ts'
import { execute } from '../../statement/compiled-statement.ts'
import { createStatements } from '../schema/create-tables.ts'
import { refuseForeign } from '../schema/refuse-foreign.ts'
import { explainRefusal, type Founding, mayNotCreate } from '../schema/tracking-errors.ts'
import type { TrackingState } from '../schema/tracking-state.ts'
import { privilegeStatements } from './privileges.ts'
import { upgradeStatements } from './upgrade-tables.ts'

/** Which schema the tables are in, and who may read them. */
export interface InstallOptions {
  readonly schema: string
  readonly readers: readonly string[]
  /** Default `auto`. */
  readonly rowSecurity?: RowSecurity
}

/**
 * Brings the tracking tables to this version's layout, closes them to API keys and opens them to the readers,
 * in one transaction. Only under the run lock, on a connection that is in no transaction. Does nothing when
 * nothing differs.
 *
 * @returns whether anything was done. Throws TM3001 or TM3002 when a name is taken, TM3003 when the layout is
 * newer, TM3005 without the privilege, TM3007 for a reader that does not exist; then nothing is changed.
 */
export async function installTracking(
  connection: Connection,
  state: TrackingState,
  options: InstallOptions,
): Promise<'unchanged' | 'installed'> {
  refuseForeign(state, options.schema)
  const statements = [
    ...createStatements(state, options.schema),
    ...upgradeStatements(state, options.schema),
    ...privilegeStatements(state, options),
  ]
  if (statements.length === 0) return 'unchanged'
  await sendMessage(connection, 'BEGIN')
  try {
    await Promise.all(statements.map((statement) => execute(connection, statement)))
    await sendMessage(connection, 'COMMIT')
  } catch (error) {
    await sendMessage(connection, 'ROLLBACK')
    const isRefused = isServerError(error) && error.code === SQL_STATE.insufficientPrivilege
    if (!isRefused || state.tables.length > 0) throw explainRefusal(error, options.schema)
    throw mayNotCreate(state, options.schema, { founding: await readFounding(connection), cause: error })
  }
  return 'installed'
}

/** `IF NOT EXISTS` does not see what is not committed yet. */
const CREATED_MEANWHILE = new Set(['42P06', '23505'])

/**
 * Creates schemas, each by itself, and gives them. Another run may create one at the same time.
 *
 * @throws TidemarkError TM3005 without the privilege, and why nothing can be written.
 */
export async function createSchemas(
  connection: Connection,
  names: readonly string[],
  refusal: TidemarkError | null,
): Promise<ReadonlySet<string>> {
  if (names.length > 0 && refusal !== null) throw refusal
  for (const name of names) {
    try {
      await connection.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`)
    } catch (error) {
      if (!isServerError(error)) throw error
      if (CREATED_MEANWHILE.has(error.code)) continue
      if (error.code !== SQL_STATE.insufficientPrivilege) throw error
      const state = { schemaExists: false, schemaOwner: null }
      throw mayNotCreate(state, name, { founding: await readFounding(connection), cause: error })
    }
  }
  return new Set(names)
}

async function readFounding(connection: Connection): Promise<Founding> {
  const { rows } = await connection.query<Founding>(
    `SELECT current_user::pg_catalog.text AS role, d.datname::pg_catalog.text AS database,
       pg_catalog.pg_get_userbyid(d.datdba)::pg_catalog.text AS "databaseOwner"
     FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`,
  )
  const [founding] = rows
  if (founding === undefined) throw new TypeError('the server has no row of the connected database')
  return founding
}
