import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration } from '../migration/model/migration.ts'
import type { Edges } from './sort.ts'

/**
 * Finds blocking migrations that depend on a non-blocking one: a gate would open before what they need is
 * there.
 *
 * @returns TM2005 for each such edge.
 */
export function checkBlocking(active: readonly Migration[], edges: Edges): readonly Diagnostic[] {
  return active.flatMap((migration, rank) => {
    if (!migration.header.blocking) return []
    return (edges[rank] ?? []).flatMap((target) => {
      const dependency = active[target]
      return dependency === undefined || dependency.header.blocking ? [] : describe(migration, dependency)
    })
  })
}

function describe(migration: Migration, dependency: Migration): Diagnostic {
  const names = [dependency.id, ...dependency.header.replaces]
  const place = migration.header.dependsOn.findIndex((id) => names.includes(id))
  return {
    code: 'TM2005',
    severity: 'error',
    message: `"${migration.id}" is blocking and depends on "${dependency.id}", which is not`,
    source: migration.source,
    span: migration.dependsOnSpans[place] ?? { start: 0, end: 0 },
    help: `write "Blocking: false" here too, or make "${dependency.id}" blocking`,
  }
}
