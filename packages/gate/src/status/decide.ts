import type { Manifest } from '../manifest/manifest.ts'
import type { DatabaseStatus } from './query-status.ts'

/** What the status of the database means for a set of required ids. */
export interface Verdict {
  readonly kind: 'behind' | 'current' | 'ahead' | 'changed' | 'failed'
  readonly open: boolean
  /** Required and not completed, in the manifest's order. */
  readonly pending: readonly string[]
  /** Required, and their last attempt failed. */
  readonly failed: readonly string[]
  /** Completed with another text than the manifest's. */
  readonly changed: readonly string[]
  /** Completed in the database, or partly rolled back, and unknown here; the first 100. */
  readonly ahead: readonly string[]
}

/** Which ids a guard waits for, and whether it refuses a database that is ahead. */
export interface Requirement {
  readonly ids: ReadonlySet<string>
  readonly ahead: 'accept' | 'refuse'
}

/**
 * Decides whether a guard opens: when nothing that it requires is pending. A database that is ahead opens it
 * too, unless refused.
 *
 * @example decide(manifest, found, { ids: listBlocking(manifest), ahead: 'accept' }).open
 */
export function decide(manifest: Manifest, found: DatabaseStatus, requirement: Requirement): Verdict {
  const ids = new Set(manifest.migrations.map(({ id }) => id))
  const changed = [...found.changed].filter((id) => ids.has(id))
  const required = manifest.migrations.map(({ id }) => id).filter((id) => requirement.ids.has(id))
  const pending = required.filter((id) => found.pending.has(id))
  const failed = required.filter((id) => found.failed.has(id))
  const refused = requirement.ahead === 'refuse' && found.ahead.length > 0
  return {
    kind: nameKind({ found, pending, failed, changed, refused }),
    open: pending.length === 0 && !refused,
    pending,
    failed,
    changed,
    ahead: found.ahead,
  }
}

interface Findings {
  readonly found: DatabaseStatus
  readonly pending: readonly string[]
  readonly failed: readonly string[]
  readonly changed: readonly string[]
  readonly refused: boolean
}

/** What closes the gate comes first, then what most needs attention. */
function nameKind({ found, pending, failed, changed, refused }: Findings): Verdict['kind'] {
  if (failed.length > 0) return 'failed'
  if (pending.length > 0) return 'behind'
  if (refused) return 'ahead'
  if (changed.length > 0) return 'changed'
  return found.ahead.length > 0 ? 'ahead' : 'current'
}

/** Lists what a gate waits for by default: every blocking migration. */
export function listBlocking({ migrations }: Manifest): ReadonlySet<string> {
  return new Set(migrations.filter(({ blocking }) => blocking).map(({ id }) => id))
}
