import type { MigrationId } from '../../migration/model/migration.ts'
import type { History, MigrationAttempt, MigrationRow } from './history.ts'

/**
 * How a migration came to be applied, and where it is in the order of application. No clock decides by it:
 * times are shown.
 */
export interface Application {
  /** Of the attempt that applied it: the order of application. */
  readonly sequence: number
  /** `recorded`: by a baseline or a mark, without executing anything. */
  readonly how: 'executed' | 'recorded'
  readonly runId: string | null
  readonly executedBy: string | null
  readonly executedAt: Date
}

/**
 * Reads from the attempts how each applied migration came to be applied. It is a fact of the migration:
 * running it again, repairing it or renaming its file changes nothing of it; rolling it back ends it. O(n log
 * n).
 *
 * @param attempts all attempts, in any order.
 * @example readApplications(attempts).get('001_users')?.runId
 */
export function readApplications(
  attempts: readonly MigrationAttempt[],
): ReadonlyMap<MigrationId, Application> {
  return replay(attempts).applied
}

/** Lists the attempts that applied something: not those that ran it again, repaired it or failed. */
export function listApplying(attempts: readonly MigrationAttempt[]): ReadonlySet<MigrationAttempt> {
  return replay(attempts).applying
}

function replay(attempts: readonly MigrationAttempt[]) {
  const applied = new Map<MigrationId, Application>()
  const applying = new Set<MigrationAttempt>()
  for (const attempt of [...attempts].sort((a, b) => a.sequence - b.sequence)) {
    const { migrationId, status, details } = attempt
    const known = applied.get(migrationId)
    if (status === 'completed' && known === undefined) {
      applied.set(migrationId, applicationOf(attempt))
      applying.add(attempt)
    }
    if (status !== 'rolled_back' && status !== 'pending') continue
    applied.delete(migrationId)
    const renamedTo = details?.['renamed_to']
    if (known !== undefined && typeof renamedTo === 'string') applied.set(renamedTo, known)
  }
  return { applied, applying }
}

function applicationOf(attempt: MigrationAttempt): Application {
  const { sequence, runId, executedBy, executedAt } = attempt
  return { sequence, how: isRecorded(attempt) ? 'recorded' : 'executed', runId, executedBy, executedAt }
}

/**
 * What an older version executed has a baseline too, made by the upgrade of its tables; a squash is what it
 * replaces.
 */
function isRecorded({ direction, details }: MigrationAttempt): boolean {
  if (direction === 'mark') return details?.['as'] !== 'squash'
  return direction === 'baseline' && details?.['upgrade'] !== true
}

/**
 * Adds to the rows of a history how they came to be applied. A squash that replaced rows has the place of the
 * last of them, belongs to a run only if they all do, and counts as recorded if one of them was: rolling it
 * back undoes them all.
 *
 * @example withApplications(history, attempts).kind // 'present'
 */
export function withApplications(history: History, attempts: readonly MigrationAttempt[]): History {
  if (history.kind === 'absent') return history
  const applications = new Map(readApplications(attempts))
  const replaced = new Map<MigrationId, MigrationRow[]>()
  for (const row of history.rows) {
    if (row.replacedBy === null) continue
    const others = replaced.get(row.replacedBy)
    if (others === undefined) replaced.set(row.replacedBy, [row])
    else others.push(row)
  }
  const find = (id: MigrationId, seen: ReadonlySet<MigrationId>): Application | undefined => {
    const own = applications.get(id)
    if (own === undefined || seen.has(id)) return own
    const inside = new Set(seen).add(id)
    const parts = (replaced.get(id) ?? []).flatMap((row) => find(row.id, inside) ?? [])
    const last = parts.reduce<Application | undefined>(
      (a, b) => (a && a.sequence > b.sequence ? a : b),
      undefined,
    )
    if (last === undefined) return own
    const how = [own, ...parts].some((part) => part.how === 'recorded') ? 'recorded' : 'executed'
    const isOneRun = parts.every(({ runId }) => runId === last.runId)
    return { ...last, how, runId: isOneRun ? last.runId : null }
  }
  return {
    kind: 'present',
    rows: history.rows.map((row) => {
      const application = find(row.id, new Set())
      return application === undefined ? row : { ...row, application }
    }),
  }
}

/**
 * Compares two applied rows by the order of application, the earliest first. Rows whose attempts were not
 * read fall back to the times of their rows, which is all that is known of them; two of one time are equal.
 */
export function compareApplied(a: MigrationRow, b: MigrationRow): number {
  if (a.application === undefined && b.application === undefined) {
    return (a.appliedAt?.getTime() ?? 0) - (b.appliedAt?.getTime() ?? 0)
  }
  // What was applied by hand gets its attempt, the newest one, from the next run that writes.
  return compareNumbers(a.application?.sequence ?? Infinity, b.application?.sequence ?? Infinity)
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b
}
