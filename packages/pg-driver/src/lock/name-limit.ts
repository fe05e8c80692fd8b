import type { Connection } from '../connection/connection.ts'

/** The time limits that a role or a database may set for its sessions. */
export type TimeLimit =
  | 'statement_timeout'
  | 'transaction_timeout'
  | 'idle_in_transaction_session_timeout'
  | 'idle_session_timeout'

interface LimitRow {
  readonly value: string
  readonly role: string | null
  readonly database: string | null
}

/**
 * Says who sets a time limit for the connected role here, in words, for a role or a database with the SQL that takes
 * it back; undefined when nobody does. What is more special wins, as on the server:
 * https://www.postgresql.org/docs/current/catalog-pg-db-role-setting.html
 *
 * @example await nameLimit(connection, 'statement_timeout') // 'statement_timeout is 2s for the role "app" (ALTER ROLE "app" RESET statement_timeout)'
 */
export async function nameLimit(connection: Connection, limit: TimeLimit): Promise<string | undefined> {
  const { rows } = await connection.query<LimitRow>(
    `SELECT pg_catalog.split_part(config, '=', 2) AS value, r.rolname::pg_catalog.text AS role, d.datname::pg_catalog.text AS database
     FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS config
     LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
     WHERE pg_catalog.starts_with(config, '${limit}=') AND (s.setrole = 0 OR r.rolname = session_user)
       AND (s.setdatabase = 0 OR d.datname = pg_catalog.current_database())
     ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1`,
  )
  const [row] = rows
  if (row === undefined) return nameServerLimit(connection, limit)
  return row.value === '0' ? undefined : describe(limit, row)
}

/** What a session begins with where neither role nor database says something. */
async function nameServerLimit(connection: Connection, limit: TimeLimit): Promise<string | undefined> {
  const { rows } = await connection.query<{ value: string; unit: string | null }>(
    `SELECT reset_val AS value, unit FROM pg_catalog.pg_settings WHERE name = '${limit}'`,
  )
  const [row] = rows
  if (row === undefined || row.value === '0') return undefined
  return `${limit} is ${row.value}${row.unit ?? ''} by the configuration of the server (postgresql.conf, ALTER SYSTEM) or the options of the connection`
}

function describe(limit: TimeLimit, { value, role, database }: LimitRow): string {
  const where = [
    ...(role === null ? [] : [`the role "${role}"`]),
    ...(database === null ? [] : [`the database "${database}"`]),
  ].join(' in ')
  const target =
    role === null
      ? `DATABASE "${database}"`
      : `ROLE "${role}"${database === null ? '' : ` IN DATABASE "${database}"`}`
  return `${limit} is ${value} for ${where} (ALTER ${target} RESET ${limit})`
}
