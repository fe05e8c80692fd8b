import type { LockHolder } from '@tidemark/core'

/**
 * Describes the session that holds a lock: who it is, since when, what it runs, and the SQL to end it.
 *
 * @example describeHolder(holder) // 'pid 4711 (tidemark ci/1 007_a, role app, since …) running "ALTER …"; to end it: SELECT pg_terminate_backend(4711);'
 */
export function describeHolder(holder: LockHolder): string {
  const facts = [
    holder.applicationName,
    holder.user === null ? null : `role ${holder.user}`,
    holder.since === null ? null : `since ${holder.since.toISOString()}`,
    holder.state,
  ].filter((fact) => fact !== null && fact !== '')
  const statement = holder.query?.replace(/[\s;]+$/, '') ?? ''
  const query = statement === '' ? '' : `, last statement: ${statement}`
  const about = facts.length === 0 ? '' : ` (${facts.join(', ')})`
  return `pid ${holder.pid}${about}${query}${describeIdle(holder)}; to end it: SELECT pg_terminate_backend(${holder.pid});`
}

/** A pooler can keep the session of a runner that is gone, and its lock with it. */
function describeIdle({ idle }: LockHolder): string {
  if (idle === undefined) return ''
  const client = idle.client === null ? '' : ` for ${idle.client}`
  return `; it is idle${client} since ${idle.since.toISOString()} and nothing has been recorded since: if its runner is gone, a pooler keeps its session`
}
