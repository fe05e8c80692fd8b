import type { MigrationId } from '../../migration/model/migration.ts'
import type { History } from '../history/history.ts'

/**
 * Tells what the database will remember once these migrations are rolled back, so that what comes after can
 * be planned before anything runs. Rows that one of them had set aside are rolled back with it.
 */
export function afterRollback(history: History, ids: Iterable<MigrationId>): History {
  if (history.kind === 'absent') return history
  const gone = new Set(ids)
  const rows = history.rows.map((row) => {
    const isGone = gone.has(row.id) || (row.replacedBy !== null && gone.has(row.replacedBy))
    if (!isGone) return row
    const { inForce, ...known } = row
    const status = 'rolled_back' as const
    return { ...known, status, appliedAt: null, replacedBy: null, direction: null, statementsDone: null }
  })
  return { kind: 'present', rows }
}
