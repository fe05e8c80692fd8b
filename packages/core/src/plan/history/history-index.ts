import type { MigrationId } from '../../migration/model/migration.ts'
import type { History, MigrationRow } from './history.ts'
import { isIncomplete, isInForce, standingRow } from './in-force.ts'

/** A history made ready for questions by id. */
export interface HistoryIndex {
  readonly rows: ReadonlyMap<MigrationId, MigrationRow>
  /** Replaced id → the rows of squashes that name it. */
  readonly squashes: ReadonlyMap<MigrationId, readonly MigrationRow[]>
}

/**
 * Indexes what the database remembers. O(rows).
 *
 * @example findAppliedRow(indexHistory(history), '001_users')?.appliedAt
 */
export function indexHistory(history: History): HistoryIndex {
  const rows = new Map<MigrationId, MigrationRow>()
  const squashes = new Map<MigrationId, MigrationRow[]>()
  if (history.kind === 'absent') return { rows, squashes }
  for (const row of history.rows) {
    rows.set(row.id, row)
    for (const replaced of row.header?.replaces ?? []) {
      const list = squashes.get(replaced)
      if (list === undefined) squashes.set(replaced, [row])
      else list.push(row)
    }
  }
  return { rows, squashes }
}

/**
 * Finds the row by which an id counts as applied: its own, or that of an applied squash which replaces it.
 * A row that a squash set aside counts only while the squash does. Undefined: the id is pending.
 *
 * @example findAppliedRow(indexHistory(history), '004_tags') // undefined
 */
export function findAppliedRow(index: HistoryIndex, id: MigrationId): MigrationRow | undefined {
  const own = index.rows.get(id)
  if (own !== undefined && standsApplied(index, own)) return own
  return index.squashes.get(id)?.find((row) => row.id !== id && standsApplied(index, row))
}

/** Tells whether a row of its own counts as applied, through every squash that set it aside. */
export function standsApplied(index: HistoryIndex, row: MigrationRow): boolean {
  if (row.replacedBy === null) return isCompleted(row)
  const seen = new Set<MigrationId>()
  let current: MigrationRow | undefined = row
  while (current !== undefined && !seen.has(current.id)) {
    if (!isCompleted(current)) return false
    if (current.replacedBy === null) return true
    seen.add(current.id)
    current = index.rows.get(current.replacedBy)
  }
  return true
}

/**
 * Tells whether a rollback without a transaction stopped in its middle: neither applied nor pending. `down` goes on with it.
 */
export function isHalfRolledBack(row: MigrationRow): boolean {
  if (row.direction !== 'down' || standingRow(row).header?.transaction !== 'none') return false
  return row.status === 'running' || (row.status === 'failed' && (row.statementsDone ?? 0) > 0)
}

/** Finds what stands for an id in the database: what {@link findAppliedRow} does, or the version that is in force. */
export function findStandingRow(index: HistoryIndex, id: MigrationId): MigrationRow | undefined {
  const own = index.rows.get(id)
  return findAppliedRow(index, id) ?? (own !== undefined && isInForce(own) ? standingRow(own) : undefined)
}

/** A rollback that failed as a whole has changed nothing: what it wanted to roll back is still applied. */
function isCompleted(row: MigrationRow): boolean {
  if (row.status === 'completed') return true
  return isIncomplete(row) && row.direction === 'down' && !isHalfRolledBack(row)
}
