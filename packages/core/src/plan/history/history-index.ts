import type { MigrationId } from '../../migration/model/migration.ts'
import type { History, MigrationRow } from './history.ts'
import { type RowState, readRowState } from './row-state.ts'

/** A history made ready for questions by id. */
export interface HistoryIndex {
  readonly rows: ReadonlyMap<MigrationId, MigrationRow>
  readonly states: ReadonlyMap<MigrationId, RowState>
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
  const states = new Map<MigrationId, RowState>()
  const squashes = new Map<MigrationId, MigrationRow[]>()
  for (const row of history.kind === 'absent' ? [] : history.rows) {
    rows.set(row.id, row)
    states.set(row.id, readRowState(row))
    for (const replaced of row.header?.replaces ?? []) {
      const list = squashes.get(replaced)
      if (list === undefined) squashes.set(replaced, [row])
      else list.push(row)
    }
  }
  const own = new Map(states)
  for (const { id, replacedBy } of rows.values()) {
    if (replacedBy === null || !rows.has(replacedBy) || own.get(id)?.kind !== 'applied') continue
    states.set(id, isReplaced(id, rows, own) ? { kind: 'set_aside', by: replacedBy } : { kind: 'pending' })
  }
  return { rows, states, squashes }
}

/** Whether every squash that set a row aside, and was set aside itself, is applied. */
function isReplaced(
  id: MigrationId,
  rows: HistoryIndex['rows'],
  own: ReadonlyMap<MigrationId, RowState>,
): boolean {
  const seen = new Set<MigrationId>()
  let current = rows.get(id)
  while (current !== undefined && !seen.has(current.id)) {
    if (own.get(current.id)?.kind !== 'applied') return false
    seen.add(current.id)
    current = current.replacedBy === null ? undefined : rows.get(current.replacedBy)
  }
  return true
}

/**
 * Finds the row by which an id counts as applied: its own, or that of an applied squash which replaces it.
 * A row that a squash set aside counts only while the squash does. Undefined: the id is pending.
 *
 * @example findAppliedRow(indexHistory(history), '004_tags') // undefined
 */
export function findAppliedRow(index: HistoryIndex, id: MigrationId): MigrationRow | undefined {
  if (isApplied(index, id)) return index.rows.get(id)
  return index.squashes.get(id)?.find((row) => row.id !== id && isApplied(index, row.id))
}

function isApplied({ states }: HistoryIndex, id: MigrationId): boolean {
  const kind = states.get(id)?.kind
  return kind === 'applied' || kind === 'set_aside'
}

/**
 * Finds the row of what is in the database under an id: as {@link findAppliedRow}, or the version before a
 * failed re-run.
 */
export function findPresentRow(index: HistoryIndex, id: MigrationId): MigrationRow | undefined {
  const state = index.states.get(id)
  return findAppliedRow(index, id) ?? (state?.kind === 'applied_older' ? state.applied : undefined)
}
