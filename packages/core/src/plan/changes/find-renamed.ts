import {
  isReversible,
  type Migration,
  type MigrationId,
  sectionText,
} from '../../migration/model/migration.ts'
import { storedSectionText } from '../../migration/sections/stored-section-text.ts'
import type { StoredMigration } from '../history/history.ts'

/**
 * Finds files that are applied migrations under a new name: their sections are exactly those of a migration
 * whose file is gone. Where several files match, the first counts; a file is given to one orphan only. Linear
 * in the text.
 *
 * @param orphans applied migrations without a file.
 * @param files migrations that no run has applied, by id.
 * @returns the file by the orphan's id.
 * @example findRenamed([stored], migrations).size
 */
export function findRenamed(
  orphans: Iterable<StoredMigration>,
  files: Iterable<Migration>,
): ReadonlyMap<MigrationId, Migration> {
  const bySections = new Map<string, Migration[]>()
  for (const file of files) {
    const key = keyOfFile(file)
    const same = bySections.get(key)
    if (same === undefined) bySections.set(key, [file])
    else same.push(file)
  }
  const renamed = new Map<MigrationId, Migration>()
  for (const orphan of orphans) {
    const { upSql, downSql, verifySql } = orphan.template ?? orphan
    const file = bySections.get(keyOf(upSql, downSql, verifySql))?.shift()
    if (file !== undefined) renamed.set(orphan.id, file)
  }
  return renamed
}

function keyOfFile(file: Migration): string {
  const { up, down, verify } = file
  return keyOf(
    storedSectionText(file, up),
    down === undefined || !isReversible(file) ? null : sectionText(file, down),
    verify === undefined ? null : sectionText(file, verify),
  )
}

/** A section without a statement and none at all are the same to the database. SQL never contains NUL. */
function keyOf(up: string, down: string | null, verify: string | null): string {
  return [up, down ?? '', verify ?? ''].join('\0')
}
