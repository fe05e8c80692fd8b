import { DEFAULT_HEADER } from './header/default-header.ts'
import { formatHeader } from './header/format-header.ts'
import type { MigrationId } from './model/migration.ts'

/** What a merge point is made of. */
export interface MergePointParts {
  readonly id: MigrationId
  /** The heads that it joins: two or more. */
  readonly dependsOn: readonly MigrationId[]
  readonly description?: string | undefined
}

/**
 * Writes the text of a merge point: a migration without SQL that joins branches. Rolling it back is always
 * possible.
 *
 * @throws TypeError with fewer than two dependencies.
 * @example formatMergePoint({ id: '012_merge', dependsOn: ['010_tags', '011_likes'] })
 */
export function formatMergePoint({ id, dependsOn, description }: MergePointParts): string {
  if (dependsOn.length < 2) throw new TypeError('a merge point joins two migrations or more')
  const header = formatHeader(id, {
    ...DEFAULT_HEADER,
    description: description ?? `Join ${dependsOn.join(' and ')}`,
    dependsOn,
    tags: ['merge'],
  })
  return `${header}\n-- @up\n-- A merge point has no SQL of its own.\n`
}
