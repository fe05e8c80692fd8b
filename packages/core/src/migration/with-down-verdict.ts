import type { DownVerdict } from './model/down-verdict.ts'
import type { Migration } from './model/migration.ts'

/**
 * Gives a migration with what checks showed of its `@down`. The parts of one that was recalled are still read
 * when they are needed, and not for the copy.
 *
 * @example withDownVerdict(migration, { verdict: 'exact', details: [] }).downVerdict?.verdict // 'exact'
 */
export function withDownVerdict(migration: Migration, downVerdict: DownVerdict): Migration {
  const parts = Object.getOwnPropertyDescriptors(migration)
  return Object.create(Object.prototype, { ...parts, downVerdict: { value: downVerdict, enumerable: true } })
}
