import type { Severity } from '../../diagnostic/diagnostic.ts'
import {
  isReversible,
  type Migration,
  type MigrationHeader,
  type MigrationId,
  sectionText,
} from '../../migration/model/migration.ts'
import { storedSectionText } from '../../migration/sections/stored-section-text.ts'
import { sameTokens } from '../../sql/same-tokens.ts'
import type { StoredMigration } from '../history/history.ts'

/**
 * The parts in which a file may differ from what was applied, in the order in which they are reported: what
 * ran comes first.
 */
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
 * How an applied file differs from what was applied. `cosmetic` comes alone: only comments or white space
 * differ. That a file is gone, or has another name, is reported by `findOrphans` and `findRenamed`.
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
 * Tells how much a kind of change matters by default: an error when what ran is not what the file says, else
 * a warning. An added dependency that was not applied before is an error of its own, TM4003.
 *
 * @example changeSeverity('up') // 'error'
 */
export function changeSeverity(kind: ChangeKind): Severity {
  return REFUSED.has(kind) ? 'error' : 'warning'
}

/**
 * Tells in what an applied file differs from what was applied; undefined when the checksums are equal or the
 * file is `Run: on_change`. SQL is compared by its tokens, so comments and white space count as `cosmetic`,
 * and only when nothing else differs. Only completed rows have changed files: ask for no others.
 *
 * @example findChanges(migration, stored)?.kinds // ['down', 'header']
 */
export function findChanges(migration: Migration, stored: StoredMigration): FileChange | undefined {
  if (migration.checksum === stored.checksum || migration.header.run === 'on_change') return undefined
  const kinds = new Set([
    ...findHeaderKinds(migration.header, stored.header),
    ...findSqlKinds(migration, stored),
  ])
  if (kinds.size === 0) kinds.add('cosmetic')
  const known = new Set(stored.header.dependsOn)
  return {
    id: migration.id,
    kinds: CHANGE_KINDS.filter((kind) => kinds.has(kind)),
    addedDependencies: migration.header.dependsOn.filter((id) => !known.has(id)),
  }
}

function findHeaderKinds(file: MigrationHeader, applied: MigrationHeader): ChangeKind[] {
  const kinds: ChangeKind[] = []
  if (file.transaction !== applied.transaction) kinds.push('transaction')
  if (file.role !== applied.role) kinds.push('role')
  if (!sameSet(file.replaces, applied.replaces)) kinds.push('replaces')
  if (!sameSet(file.dependsOn, applied.dependsOn)) kinds.push('dependencies')
  const isSame =
    file.description === applied.description &&
    file.type === applied.type &&
    file.run === applied.run &&
    file.blocking === applied.blocking &&
    file.lockTimeoutMs === applied.lockTimeoutMs &&
    file.statementTimeoutMs === applied.statementTimeoutMs &&
    sameSet(file.tags, applied.tags) &&
    sameSet(file.environments ?? ['*'], applied.environments ?? ['*']) &&
    sameSet(listVariables(file), listVariables(applied))
  return isSame ? kinds : [...kinds, 'header']
}

function listVariables({ variables = [] }: MigrationHeader): readonly string[] {
  return variables.map(({ name, secret }) => `${name} ${secret}`)
}

/** The order of ids and tags means nothing. */
function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(b)
  return a.length === b.length && a.every((item) => known.has(item))
}

function findSqlKinds(migration: Migration, { template, ...row }: StoredMigration): ChangeKind[] {
  const stored = template ?? row
  const { up, down, verify } = migration
  const downSql = down !== undefined && isReversible(migration) ? sectionText(migration, down) : ''
  const verifySql = verify === undefined ? '' : sectionText(migration, verify)
  const kinds: ChangeKind[] = []
  // Of a large file less than the whole is stored: then any difference may be one of what ran.
  if (migration.large !== undefined || !sameTokens(storedSectionText(migration, up), stored.upSql))
    kinds.push('up')
  if (!sameTokens(downSql, stored.downSql ?? '')) kinds.push('down')
  if (!sameTokens(verifySql, stored.verifySql ?? '')) kinds.push('verify')
  return kinds
}
