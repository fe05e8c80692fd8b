import {
  type DependsOnEdit,
  type Migration,
  type MigrationGraph,
  type MigrationId,
  nodeAt,
} from '@tidemark/core'
import type { CheckFinding } from '@tidemark/shadow'

/** What is to change in one file. */
export interface FileEdit extends DependsOnEdit {
  readonly migration: Migration
  /** What takes the place of statements of its `@up`, by their places. */
  readonly rewrites: ReadonlyMap<number, readonly string[]>
}

/**
 * Joins what findings say to write, by file, in plan order. A dependency that would make a cycle, also with
 * those before it, is left out.
 */
export function collectEdits(findings: readonly CheckFinding[], graph: MigrationGraph): readonly FileEdit[] {
  const placeOf = (id: MigrationId) => graph.indexes.get(id) ?? -1
  const asked = findings
    .flatMap(({ edits }) => edits)
    .sort((a, b) => placeOf(a.dependsOn) - placeOf(b.dependsOn))
  const needs = new Map(
    graph.nodes.map(({ migration, dependencies }) => [
      migration.id,
      new Set(dependencies.map((one) => nodeAt(graph, one).migration.id)),
    ]),
  )
  const added = asked.filter(({ kind, migrationId, dependsOn }) => {
    if (kind !== 'add' || reaches(needs, dependsOn, migrationId)) return false
    needs.get(migrationId)?.add(dependsOn)
    return true
  })
  const idsOf = (edits: typeof asked, id: MigrationId) => [
    ...new Set(edits.filter(({ migrationId }) => migrationId === id).map(({ dependsOn }) => dependsOn)),
  ]
  const removed = asked.filter(({ kind }) => kind === 'remove')
  return graph.nodes.flatMap(({ migration }) => {
    const add = idsOf(added, migration.id)
    const remove = idsOf(removed, migration.id).filter((id) => !add.includes(id))
    const rewrites = collectRewrites(findings, migration.id)
    return add.length + remove.length + rewrites.size === 0 ? [] : [{ migration, add, remove, rewrites }]
  })
}

/** Of several findings on one statement the heaviest, which is the first, says what takes its place. */
function collectRewrites(
  findings: readonly CheckFinding[],
  id: MigrationId,
): ReadonlyMap<number, readonly string[]> {
  const rewrites = new Map<number, readonly string[]>()
  for (const { migrationId, statement, rewrite } of findings) {
    if (migrationId !== id || rewrite === null || statement?.section !== 'up') continue
    if (!rewrites.has(statement.place)) rewrites.set(statement.place, rewrite)
  }
  return rewrites
}

/** Whether a migration is another one, or needs it. */
function reaches(
  needs: ReadonlyMap<MigrationId, ReadonlySet<MigrationId>>,
  from: MigrationId,
  to: MigrationId,
): boolean {
  const seen = new Set([from])
  for (const id of seen) for (const one of needs.get(id) ?? []) seen.add(one)
  return seen.has(to)
}
