import type { Migration, MigrationId } from '../../migration/model/migration.ts'
import type { MigrationRow } from './history.ts'

/**
 * The state of a row. `applied` is the row with the version that is in the database, which need not be the
 * row's own.
 */
export type RowState =
  /** Applied, also when a rollback failed as a whole and changed nothing. */
  | { readonly kind: 'applied'; readonly applied: MigrationRow }
  /** A `Run: on_change` migration whose re-run did not complete: the version before is applied. */
  | { readonly kind: 'applied_older'; readonly applied: MigrationRow; readonly statementsDone: number }
  /**
   * A rollback without a transaction that was started and did not finish, also in its first statement:
   * neither applied nor pending. `down` continues it.
   */
  | { readonly kind: 'half_rolled_back'; readonly applied: MigrationRow; readonly statementsDone: number }
  /** Applied, and replaced by a squash that is applied. */
  | { readonly kind: 'set_aside'; readonly by: MigrationId }
  | { readonly kind: 'failed' | 'running'; readonly statementsDone: number }
  | { readonly kind: 'rolled_back' | 'pending' }

/**
 * Reads the state of a row by itself; `indexHistory` adds what squashes change.
 *
 * @example readRowState(row).kind // 'applied'
 */
export function readRowState(row: MigrationRow): RowState {
  const { status, inForce, direction } = row
  if (status === 'completed') return { kind: 'applied', applied: row }
  if (status === 'pending' || status === 'rolled_back') return { kind: status }
  const statementsDone = row.statementsDone ?? 0
  const applied = inForce === undefined ? row : { ...row, ...inForce }
  if (direction === 'down') {
    // Only a rollback without a transaction counts its statements.
    const isAtomic = row.statementsDone === null
    return isAtomic ? { kind: 'applied', applied } : { kind: 'half_rolled_back', applied, statementsDone }
  }
  const isOlderApplied = row.appliedAt !== null && (inForce !== undefined || row.header?.run === 'on_change')
  return isOlderApplied
    ? { kind: 'applied_older', applied, statementsDone }
    : { kind: status, statementsDone }
}

/**
 * Tells whether a run has done a part of an `@up` that stays: statements without a transaction, or batches.
 *
 * @example isPartlyDone(row) // false once it is completed
 */
export function isPartlyDone(row: MigrationRow): boolean {
  const state = readRowState(row)
  const isWalked = row.status !== 'completed' && row.progress?.direction === 'up'
  const isStopped = state.kind === 'failed' || state.kind === 'running'
  return isWalked || (isStopped && state.statementsDone > 0)
}

/**
 * Compares a file with the version of it that is applied: `older` is an earlier version of a `Run: on_change`
 * file, as an old image has it in a rolling deploy; `different` is anything else, also where no version is
 * known to be applied.
 *
 * @example compareFile(migration, row) // 'same'
 */
export function compareFile(file: Migration, row: MigrationRow): 'same' | 'older' | 'different' {
  const state = readRowState(row)
  const isRetried = state.kind === 'applied_older' && row.inForce !== undefined
  if (!('applied' in state) || (row.status !== 'completed' && !isRetried)) return 'different'
  // Of an attempt that is half done, the rest is still to do.
  if (state.applied.checksum === file.checksum) {
    return isRetried && row.statementsDone !== null ? 'different' : 'same'
  }
  const isOlder = file.header.run === 'on_change' && row.earlierChecksums.includes(file.checksum)
  return isOlder ? 'older' : 'different'
}
