import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'

/** Every id with its migration, and TM2001 for each further file of the same id. */
export interface IndexedMigrations {
  readonly byId: ReadonlyMap<MigrationId, Migration>
  readonly problems: readonly Diagnostic[]
}

/**
 * Looks ids up. Of files that share an id the first by path counts, so that the problems do not depend on
 * input order.
 *
 * @example indexById([a, b]).byId.get('001_users')
 */
export function indexById(migrations: readonly Migration[]): IndexedMigrations {
  const byId = new Map<MigrationId, Migration>()
  const extra: Migration[] = []
  for (const migration of migrations) {
    const other = byId.get(migration.id)
    if (other === undefined) byId.set(migration.id, migration)
    else if (other.source.path <= migration.source.path) extra.push(migration)
    else {
      byId.set(migration.id, migration)
      extra.push(other)
    }
  }
  return { byId, problems: extra.map((migration) => describeDuplicate(migration, byId.get(migration.id))) }
}

function describeDuplicate(migration: Migration, first: Migration | undefined): Diagnostic {
  const source = migration.source
  const top = { start: 0, end: 0 }
  const elsewhere = first?.source.path ?? ''
  return {
    code: 'TM2001',
    severity: 'error',
    message: `"${migration.id}" is the id of two files, "${elsewhere}" and "${source.path}"`,
    source,
    span: top,
    help: 'rename one of them: ids must be unique in the whole folder, including subfolders',
    related:
      first === undefined ? [] : [{ message: 'the other file is here', source: first.source, span: top }],
  }
}
