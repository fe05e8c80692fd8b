import type { LockHolder } from '@tidemark/core'

/**
 * Describes the session that holds a lock: who it is, since when, what it runs, and the SQL to end it.
 *
 * @example describeHolder(holder) // 'pid 4711 (tidemark ci/1 007_a, role app, since …) running "ALTER …"; to end it: SELECT pg_terminate_backend(4711);'
 */
export function describeHolder(holder: LockHolder): string {
  const { other } = holder
  const facts = [
    other === undefined || other.kind === 'prepared_transaction' ? null : OTHER_NAME[other.kind],
    holder.applicationName,
    holder.user === null ? null : `role ${holder.user}`,
    holder.since === null ? null : `since ${holder.since.toISOString()}`,
    other?.kind === 'prepared_transaction' ? null : holder.state,
  ].filter((fact) => fact !== null && fact !== '')
  const statement = holder.query?.replace(/[\s;]+$/, '') ?? ''
  const query = statement === '' ? '' : `, last statement: ${statement}`
  const about = facts.length === 0 ? '' : ` (${facts.join(', ')})`
  const who =
    other?.kind === 'prepared_transaction' ? `the prepared transaction "${other.gid}"` : `pid ${holder.pid}`
  return `${who}${about}${query}${describeIdle(holder)}${describeEnd(holder)}`
}

const OTHER_NAME = {
  walsender: 'a walsender, for replication',
  autovacuum: 'autovacuum',
  server_process: 'a process of the server itself, such as autovacuum',
} as const

/** What ends the holder, and what comes after that. */
function describeEnd({ pid, other }: LockHolder): string {
  const terminate = `SELECT pg_terminate_backend(${pid});`
  switch (other?.kind) {
    case 'prepared_transaction': {
      const gid = `'${other.gid.replaceAll("'", "''")}'`
      return `; to end it: ROLLBACK PREPARED ${gid}; (or COMMIT PREPARED ${gid};)`
    }
    case 'autovacuum':
    case 'server_process':
      return `; let it end, or end it with ${terminate} (an autovacuum to prevent wraparound starts again)`
    case 'walsender':
      return `; to end it: ${terminate} (its standby or subscriber connects again)`
    default:
      return `; to end it: ${terminate}`
  }
}

/** A pooler can keep the session of a runner that is gone, and its lock with it. */
function describeIdle({ idle }: LockHolder): string {
  if (idle === undefined) return ''
  const client = idle.client === null ? '' : ` for ${idle.client}`
  return `; it is idle${client} since ${idle.since.toISOString()} and nothing has been recorded since: if its runner is gone, a pooler keeps its session`
}
