import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { nameEnvironments } from '../migration/model/environments.ts'
import type { Migration } from '../migration/model/migration.ts'
import type { Edges } from './sort.ts'

/**
 * Finds migrations that depend on one which is for fewer environments: somewhere the dependency would be
 * missing.
 *
 * @returns TM2012 for each such edge.
 */
export function checkEnvironments(active: readonly Migration[], edges: Edges): readonly Diagnostic[] {
  return active.flatMap((migration, rank) =>
    (edges[rank] ?? []).flatMap((target) => {
      const dependency = active[target]
      return dependency === undefined || covers(dependency, migration) ? [] : describe(migration, dependency)
    }),
  )
}

/** Whether one file is there wherever the other is. */
function covers({ header: { environments: wide } }: Migration, { header }: Migration): boolean {
  if (wide === undefined) return true
  return header.environments?.every((environment) => wide.includes(environment)) ?? false
}

function describe(migration: Migration, dependency: Migration): Diagnostic {
  const names = [dependency.id, ...dependency.header.replaces]
  const place = migration.header.dependsOn.findIndex((id) => names.includes(id))
  return {
    code: 'TM2012',
    severity: 'error',
    message: `"${migration.id}" is for ${nameEnvironments(migration.header)} and depends on "${dependency.id}", which is for ${nameEnvironments(dependency.header)} alone`,
    source: migration.source,
    span: migration.dependsOnSpans[place] ?? { start: 0, end: 0 },
    help: `remove the dependency, or write "Environments: [${nameEnvironments(dependency.header)}]" here too`,
  }
}
