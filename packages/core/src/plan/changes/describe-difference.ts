import { formatHeader } from '../../migration/header/format-header.ts'
import { type Migration, type MigrationSection, sectionText } from '../../migration/model/migration.ts'
import { storedSectionText } from '../../migration/sections/stored-section-text.ts'
import type { StoredMigration } from '../history/history.ts'
import { formatLineDiff } from './format-line-diff.ts'
import { maskedDiff } from './masked-diff.ts'

/**
 * Writes everything in which a file differs from what was applied, part by part: `-` what the database holds,
 * `+` what the file says. A difference outside of header and sections is only named, since comments there are
 * not stored.
 *
 * @example describeDifference(migration, stored).split('\n').slice(-3) // ['@down', '- SELECT 2;', '+ SELECT 1;']
 */
export function describeDifference(migration: Migration, stored: StoredMigration): string {
  const written = stored.template ?? stored
  const parts: readonly (readonly [name: string, before: string, after: string])[] = [
    [
      'header',
      formatHeader(stored.id, stored.header).trimEnd(),
      formatHeader(migration.id, migration.header).trimEnd(),
    ],
    ['@up', written.upSql, storedSectionText(migration, migration.up)],
    ['@down', written.downSql ?? '', textOf(migration, migration.down)],
    ['@verify', written.verifySql ?? '', textOf(migration, migration.verify)],
  ]
  const differing = parts.filter(([, before, after]) => before !== after)
  if (differing.length === 0) return 'comments or white space outside of header and sections'
  return differing
    .map(([name, before, after]) => `${name}\n${formatLineDiff(maskedDiff(before, after))}`)
    .join('\n')
}

function textOf(migration: Migration, section: MigrationSection | undefined): string {
  return section === undefined ? '' : sectionText(migration, section)
}
