import type { Connection } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { quoteParameter } from '../statement/inline-parameters.ts'

/** What a file may have set, and what saving needs in its place. */
const SETTINGS = {
  search_path: 'pg_catalog, pg_temp',
  role: 'none',
  // A policy that hides rows is an error then, and no silent gap.
  row_security: 'off',
  statement_timeout: '0',
  // In a database of thousands of relations, compiling a look at the catalog takes as long as the look.
  jit: 'off',
  // As every version reads them back.
  extra_float_digits: '3',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
} as const

/**
 * Does something with settings of our own inside the transaction of a file, and gives the file's settings
 * back. After a failure the transaction, or its savepoint, has to be rolled back.
 */
export async function withOwnSettings<T>(connection: Connection, act: () => Promise<T>): Promise<T> {
  const names = Object.keys(SETTINGS)
  const asked = names.map((name) => `pg_catalog.current_setting('${name}') AS ${name}`).join(', ')
  // Not by `query`, whose search_path would stay for the rest of the transaction.
  const [answer] = await sendMessage(connection, `SELECT ${asked}`)
  const before = answer?.rows[0] ?? {}
  await set(connection, SETTINGS)
  const result = await act()
  await set(connection, before)
  return result
}

async function set(connection: Connection, values: Readonly<Record<string, unknown>>): Promise<void> {
  const calls = Object.entries(values).map(
    ([name, value]) => `pg_catalog.set_config('${name}', ${quoteParameter(value)}, true)`,
  )
  await sendMessage(connection, `SELECT ${calls.join(', ')}`)
}
