import type { Manifest } from '../manifest/manifest.ts'
import type { Answer } from './query-status.ts'

/** What an answer means for a set of required ids. */
export interface Verdict {
  readonly kind: 'behind' | 'current' | 'ahead' | 'changed' | 'failed'
  readonly open: boolean
  /** Required and not completed, in the manifest's order. */
  readonly pending: readonly string[]
  /** Required, and the last attempt failed. */
  readonly failed: readonly string[]
  /** Completed by another text than the one at hand. */
  readonly changed: readonly string[]
  /** Completed in the database and unknown here; the first 100. */
  readonly ahead: readonly string[]
}

/** What decides: which ids, and whether a database that is ahead is refused. */
export interface Requirement {
  readonly ids: ReadonlySet<string>
  readonly ahead: 'accept' | 'refuse'
}

/**
 * Judges an answer. Open means that nothing required is pending; a database that is ahead is open too, unless refused.
 *
 * @example decide(manifest, answer, { ids: listBlocking(manifest), ahead: 'accept' }).open
 */
export function decide(manifest: Manifest, answer: Answer, requirement: Requirement): Verdict {
  const required = manifest.migrations.map(({ id }) => id).filter((id) => requirement.ids.has(id))
  const pending = required.filter((id) => answer.pending.has(id))
  const failed = required.filter((id) => answer.failed.has(id))
  const refused = requirement.ahead === 'refuse' && answer.ahead.length > 0
  return {
    kind: nameKind({ answer, pending, failed, refused }),
    open: pending.length === 0 && !refused,
    pending,
    failed,
    changed: [...answer.changed],
    ahead: answer.ahead,
  }
}

interface Findings {
  readonly answer: Answer
  readonly pending: readonly string[]
  readonly failed: readonly string[]
  readonly refused: boolean
}

/** What closes the gate comes first, then what most deserves a look. */
function nameKind({ answer, pending, failed, refused }: Findings): Verdict['kind'] {
  if (failed.length > 0) return 'failed'
  if (pending.length > 0) return 'behind'
  if (refused) return 'ahead'
  if (answer.changed.size > 0) return 'changed'
  return answer.ahead.length > 0 ? 'ahead' : 'current'
}

/** Lists what a gate waits for unless told otherwise: every blocking migration. */
export function listBlocking({ migrations }: Manifest): ReadonlySet<string> {
  return new Set(migrations.filter(({ blocking }) => blocking).map(({ id }) => id))
}
