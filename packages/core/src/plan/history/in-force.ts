import type { Migration } from '../../migration/model/migration.ts'
import type { MigrationRow } from './history.ts'

/**
 * Tells whether a `Run: on_change` migration is there in its version before: its re-run did not complete. It counts as
 * pending for applying, and as applied for rolling back and for what depends on it.
 */
export function isInForce(row: MigrationRow): boolean {
  if (!isIncomplete(row) || row.appliedAt === null || row.direction === 'down') return false
  return row.inForce !== undefined || row.header?.run === 'on_change'
}

/**
 * Gives a row with what is applied of it: after a re-run that did not complete it is the version before, while the row's own
 * text is that of the attempt.
 */
export function standingRow(row: MigrationRow): MigrationRow {
  return row.inForce !== undefined && isIncomplete(row) ? { ...row, ...row.inForce } : row
}

/**
 * Tells whether a `Run: on_change` file is one that this database has left behind: an old image in a rolling deploy. It was
 * completed, and another one has been since.
 */
export function isOlder({ checksum, header }: Migration, row: MigrationRow): boolean {
  if (header.run !== 'on_change' || !row.earlierChecksums.includes(checksum)) return false
  if (row.status === 'completed') return row.checksum !== checksum
  return row.inForce !== undefined && isInForce(row) && row.inForce.checksum !== checksum
}

/**
 * Tells whether a file has nothing to say against what is in force, although an attempt with another content of it failed: it is
 * what is in force, or older. The row then stays with that attempt.
 *
 * @example leavesInForce(migration, row) // false
 */
export function leavesInForce(migration: Migration, row: MigrationRow): boolean {
  if (row.inForce === undefined || !isInForce(row)) return false
  const isSame = row.statementsDone === null && row.inForce.checksum === migration.checksum
  return isSame || isOlder(migration, row)
}

/** Tells whether the last attempt did not complete, in whichever direction. */
export function isIncomplete({ status }: MigrationRow): boolean {
  return status === 'failed' || status === 'running'
}
