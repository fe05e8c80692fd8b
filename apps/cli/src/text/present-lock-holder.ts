import type { LockHolder } from '@tidemark/core'
import { cut } from './table.ts'

const PROCESSES: Readonly<Record<string, string>> = {
  walsender: 'walsender',
  autovacuum: 'autovacuum',
  server_process: 'a process of the server',
}

/** Writes who holds a lock: pid, application, role, since when, and the query. */
export function presentLockHolder(holder: Omit<LockHolder, 'state'>): string {
  const parts = [
    holder.other?.kind === 'prepared_transaction'
      ? `the prepared transaction "${holder.other.gid}"`
      : `pid ${holder.pid}`,
    holder.other === undefined ? '' : (PROCESSES[holder.other.kind] ?? ''),
    holder.applicationName === null || holder.applicationName === '' ? '' : holder.applicationName,
    holder.user === null ? '' : `role ${holder.user}`,
    holder.since === null ? '' : `since ${holder.since.toISOString().slice(11, 19)}Z`,
    holder.query === null ? '' : `running ${cut(holder.query.replace(/\s+/g, ' '), 60)}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** Writes several holders in one line. */
export function presentLockHolders(holders: readonly LockHolder[]): string {
  return holders.map(presentLockHolder).join('; ')
}
