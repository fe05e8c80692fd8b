import type { LockHolder } from '@tidemark/core'
import { maskSecrets, quoteIdentifier } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { withoutFileStatement } from '../connection/file-statement.ts'
import { TRACKING_TABLES } from '../tracking/schema/tracking-schema.ts'
import { lockKey } from './lock-key.ts'

/** SQL of one try: true when this session holds the lock afterwards. Never waits. */
export function tryLockSql(key: string): string {
  return `pg_catalog.pg_try_advisory_lock((${key})::pg_catalog.int8)`
}

/** Tries once to take the run lock. */
export async function tryLock(connection: Connection, key: string): Promise<boolean> {
  const { rows } = await connection.query<{ locked: boolean }>(`SELECT ${tryLockSql(key)} AS locked`)
  return rows[0]?.locked === true
}

/** Shows a run that can let others in that this one waits; false when it could not be shown at this moment. */
export async function showWaiting(connection: Connection, waitingKey: string): Promise<boolean> {
  const { rows } = await connection.query<{ shown: boolean }>(
    `SELECT pg_catalog.pg_try_advisory_lock_shared((${waitingKey})::pg_catalog.int8) AS shown`,
  )
  return rows[0]?.shown === true
}

/** Takes back what {@link showWaiting} showed. */
export async function endWaiting(connection: Connection, waitingKey: string): Promise<void> {
  await connection.query(`SELECT pg_catalog.pg_advisory_unlock_shared((${waitingKey})::pg_catalog.int8)`)
}

/**
 * Gives the run lock back, however often this session took it, with every other session lock; false when it
 * did not hold it.
 */
export async function releaseLock(connection: Connection, key: string): Promise<boolean> {
  const { rows } = await connection.query<{ released: boolean }>(
    `SELECT pg_catalog.pg_advisory_unlock((${key})::pg_catalog.int8) AS released, pg_catalog.pg_advisory_unlock_all()`,
  )
  return rows[0]?.released === true
}

interface HolderRow {
  readonly pid: number
  readonly application_name: string | null
  readonly role: string | null
  readonly since: Date | string | null
  readonly state: string | null
  readonly query: string | null
  readonly idle_since: Date | string | null
  readonly client_address: string | null
  readonly client_port: number | null
  readonly process: string | null
  readonly gid: string | null
}

const ACTIVITY = `a.pid, a.application_name, a.usename AS role, COALESCE(a.xact_start, a.query_start, a.backend_start) AS since, a.state, a.query,
  CASE WHEN a.state = 'idle' THEN a.state_change END AS idle_since, pg_catalog.host(a.client_addr) AS client_address, a.client_port,
  CASE WHEN a.backend_type IS NOT NULL THEN a.backend_type WHEN a.usename IS NULL THEN '' END AS process, NULL AS gid`

/** Prepared transactions: no process runs them, so `pg_stat_activity` has none. */
const PREPARED = `0 AS pid, NULL AS application_name, p.owner AS role, p.prepared AS since, NULL AS state, NULL AS query,
  NULL AS idle_since, NULL AS client_address, NULL AS client_port, NULL AS process, p.gid
  FROM pg_catalog.pg_prepared_xacts p WHERE p.transaction::pg_catalog.text IN`

/**
 * The transaction of a row of `pg_locks` without a process: by the lock that each transaction holds on itself,
 * since the virtual transaction of a prepared one is that of the session which prepared it.
 */
const PREPARED_XID = `(SELECT x.transactionid::pg_catalog.text FROM pg_catalog.pg_locks x WHERE x.locktype = 'transactionid'
  AND x.granted AND x.pid IS NULL AND l.pid IS NULL AND x.virtualtransaction = l.virtualtransaction LIMIT 1)`

/** The columns that say which lock a row of `pg_locks` is about. */
const LOCK_COLUMNS = 'locktype database relation page tuple virtualxid transactionid classid objid objsubid'

/**
 * Finds who holds the run lock of a tracking schema. The columns of another role's session are null without
 * `pg_read_all_stats`. Of an idle session the rows are looked at too: while they change, its run goes on.
 */
export async function findHolder(connection: Connection, schema: string): Promise<LockHolder | null> {
  const { rows } = await connection.query<HolderRow>(
    `SELECT ${ACTIVITY} FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = pg_catalog.current_database()
       AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
       AND (l.classid::pg_catalog.int8 << 32 | l.objid::pg_catalog.int8) = (${lockKey(schema)})::pg_catalog.int8
     LIMIT 1`,
  )
  if (rows[0] === undefined) return null
  const { idle, ...holder } = toHolder(rows[0])
  if (idle === undefined || (await isRecordedSince(connection, schema, idle.since))) return holder
  return { ...holder, idle }
}

/** False also where the rows cannot be read: of the session itself it is known that it records nothing. */
async function isRecordedSince(connection: Connection, schema: string, since: Date): Promise<boolean> {
  const table = `${quoteIdentifier(schema)}.schema_migrations`
  const last = await connection
    .query<{ at: Date | string | null }>(`SELECT pg_catalog.max(m.updated_at) AS at FROM ${table} m`)
    .catch(() => undefined)
  const at = last?.rows[0]?.at ?? null
  return at !== null && new Date(at) > since
}

/** Lists who else holds a lock on the tracking tables, in the strength that keeps others waiting. */
export async function listTableHolders(
  connection: Connection,
  schema: string,
): Promise<readonly LockHolder[]> {
  const { rows } = await connection.query<HolderRow>(
    `WITH held AS (
       SELECT l.pid, ${PREPARED_XID} AS xid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE l.granted AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
         AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
         AND n.nspname = $1 AND c.relname IN (${TRACKING_TABLES.map((name) => `'${name}'`).join(', ')}))
     SELECT ${ACTIVITY} FROM pg_catalog.pg_stat_activity a
       WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.pid IN (SELECT pid FROM held)
     UNION ALL SELECT ${PREPARED} (SELECT xid FROM held WHERE pid IS NULL)
     ORDER BY since NULLS LAST, pid`,
    [schema],
  )
  return rows.map(toHolder)
}

const SAME_LOCK = LOCK_COLUMNS.split(' ')
  .map((column) => `w.${column} IS NOT DISTINCT FROM l.${column}`)
  .join(' AND ')

/** Lists who blocks a server process now: sessions, processes of the server, and prepared transactions. */
export async function listBlockers(connection: Connection, pid: number): Promise<readonly LockHolder[]> {
  const { rows } = await connection.query<HolderRow>(
    `WITH blocking AS (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids(${pid})) AS pid)
     SELECT ${ACTIVITY} FROM pg_catalog.pg_stat_activity a JOIN blocking b ON b.pid = a.pid
     UNION ALL SELECT ${PREPARED} (
       SELECT ${PREPARED_XID} FROM blocking b, pg_catalog.pg_locks w JOIN pg_catalog.pg_locks l ON ${SAME_LOCK}
       WHERE b.pid = 0 AND w.pid = ${pid} AND NOT w.granted AND l.granted AND l.pid IS NULL)
     ORDER BY since NULLS LAST, pid`,
  )
  return rows.map(toHolder)
}

/** Tells whether a run shows that it waits, see {@link showWaiting}. */
export async function isRunWaiting(connection: Connection, waitingKey: string): Promise<boolean> {
  const { rows } = await connection.query<{ alone: boolean }>(
    `SELECT pg_catalog.pg_try_advisory_xact_lock((${waitingKey})::pg_catalog.int8) AS alone`,
  )
  return rows[0]?.alone === false
}

// What PostgreSQL shows in place of the statement of another role's session.
const HIDDEN = '<insufficient privilege>'

function toHolder(row: HolderRow): LockHolder {
  return {
    pid: row.pid,
    applicationName: row.application_name,
    user: row.role,
    since: row.since === null ? null : new Date(row.since),
    state: row.state,
    query:
      row.query === null || row.query === HIDDEN
        ? null
        : shortenQuery(maskSecrets(withoutFileStatement(row.query))),
    ...otherOf(row),
    ...(row.idle_since === null ? {} : { idle: { since: new Date(row.idle_since), client: clientOf(row) } }),
  }
}

const PROCESSES: Readonly<Record<string, 'walsender' | 'autovacuum' | 'server_process'>> = {
  walsender: 'walsender',
  'autovacuum worker': 'autovacuum',
  '': 'server_process',
}

function otherOf({ process, gid }: HolderRow): Pick<LockHolder, 'other'> {
  if (gid !== null) return { other: { kind: 'prepared_transaction', gid } }
  const kind = process === null ? undefined : PROCESSES[process]
  return kind === undefined ? {} : { other: { kind } }
}

function clientOf({ client_address: address, client_port: port }: HolderRow): string | null {
  if (address === null) return null
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

function shortenQuery(query: string): string {
  const line = query.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
