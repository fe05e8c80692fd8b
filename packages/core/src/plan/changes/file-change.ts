import type { Severity } from '../../diagnostic/diagnostic.ts'
import type { MigrationId } from '../../migration/model/migration.ts'

/** The parts in which a file may differ from what was applied, in the order in which they are told: what ran first. */
export const CHANGE_KINDS = [
  'up',
  'transaction',
  'role',
  'replaces',
  'dependencies',
  'down',
  'verify',
  'header',
  'cosmetic',
] as const

/**
 * How an applied file differs from what was applied. `cosmetic` stands alone: only comments or white space differ.
 * That a file is gone, or has another name, is told by `findOrphans` and `findRenamed`.
 */
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** The difference of one applied migration: at least one kind. */
export interface FileChange {
  readonly id: MigrationId
  /** A set, in the order of {@link CHANGE_KINDS}. */
  readonly kinds: readonly ChangeKind[]
  /** Ids in the file's `Depends on` that the applied header did not name. */
  readonly addedDependencies: readonly MigrationId[]
}

const REFUSED: ReadonlySet<ChangeKind> = new Set(['up', 'transaction', 'role', 'replaces'])

/**
 * Tells how much a kind of change matters by default: an error when what ran is not what the file says, else a warning.
 * An added dependency that was not applied before is an error of its own, TM4003.
 *
 * @example changeSeverity('up') // 'error'
 */
export function changeSeverity(kind: ChangeKind): Severity {
  return REFUSED.has(kind) ? 'error' : 'warning'
}
