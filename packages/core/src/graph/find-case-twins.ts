import { diagnose } from '../diagnostic/diagnose.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration } from '../migration/model/migration.ts'

/**
 * Finds ids that differ in nothing but case: TM2011, a note on each but the first by path. They are two
 * migrations, and on a disk that does not tell case apart they cannot lie in one folder. O(n).
 *
 * @example findCaseTwins([migration, { ...migration, id: migration.id.toUpperCase() }])[0]?.code // 'TM2011'
 */
export function findCaseTwins(migrations: readonly Migration[]): readonly Diagnostic[] {
  const first = new Map<string, Migration>()
  const byPath = [...migrations].sort((a, b) => (a.source.path < b.source.path ? -1 : 1))
  return byPath.flatMap((migration) => {
    const folded = migration.id.toLowerCase()
    const other = first.get(folded)
    if (other === undefined) first.set(folded, migration)
    return other === undefined || other.id === migration.id ? [] : [describe(migration, other)]
  })
}

function describe({ id, source }: Migration, other: Migration): Diagnostic {
  return diagnose(source, {
    code: 'TM2011',
    severity: 'note',
    span: { start: 0, end: 0 },
    message: `"${id}" differs from "${other.id}" only in case`,
    help: 'they are two migrations; rename the one that is not applied yet: a case-insensitive file system keeps only one of them',
    related: [{ message: 'the other file is here', source: other.source, span: { start: 0, end: 0 } }],
  })
}
