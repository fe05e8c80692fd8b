import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { GraphNode, MigrationGraph } from '../../graph/migration-graph.ts'
import { findNode } from '../../graph/migration-graph.ts'
import type { Migration, MigrationId } from '../../migration/model/migration.ts'
import { compareApplied } from '../history/application.ts'
import type { MigrationRow } from '../history/history.ts'
import { findPresentRow, type HistoryIndex } from '../history/history-index.ts'

/** What {@link findLateDependencies} reads beside the migration. */
export interface LateContext {
  readonly graph: MigrationGraph
  readonly index: HistoryIndex
}

/**
 * Finds dependencies that an applied migration names and that were not applied before it.
 *
 * @returns TM4003: an error where the file added the dependency after it was applied, a warning where the
 *   dependency itself was set back.
 */
export function findLateDependencies(
  node: GraphNode,
  row: MigrationRow,
  context: LateContext,
): readonly Diagnostic[] {
  return node.migration.header.dependsOn.flatMap((id, place) => {
    const dependency = findNode(context.graph, id)?.migration
    if (dependency === undefined) return []
    const applied = findApplied(dependency, id, context)
    const added = !wasKnown(row, id, dependency.id, context)
    if (applied.length === 0) {
      const renamed = added ? row.dependsOn.find((known) => isOrphan(known, context)) : undefined
      return describeLate(node, place, { added, renamed, how: 'is not applied' })
    }
    const isLate = added && applied.some((one) => isLater(one, row))
    return isLate ? describeLate(node, place, { added, how: 'was applied after it' }) : []
  })
}

/** Applied, and no file has this id: perhaps the dependency has it under a new name. */
function isOrphan(id: MigrationId, { graph, index }: LateContext): boolean {
  return findNode(graph, graph.aliases.get(id) ?? id) === undefined && findPresentRow(index, id) !== undefined
}

/** The rows by which a dependency is applied: of a squash that is not recorded yet, what it replaces. */
function findApplied(
  { id: fileId, header }: Migration,
  id: MigrationId,
  { index }: LateContext,
): readonly MigrationRow[] {
  const own = findPresentRow(index, id) ?? findPresentRow(index, fileId)
  if (own !== undefined) return [own]
  const replaced = header.replaces.flatMap((one) => findPresentRow(index, one) ?? [])
  return replaced.length === header.replaces.length ? replaced : []
}

/** A dependency was known when the row names it, or another name of the same file. */
function wasKnown(row: MigrationRow, id: MigrationId, fileId: MigrationId, { graph }: LateContext): boolean {
  return row.dependsOn.some((known) => known === id || (graph.aliases.get(known) ?? known) === fileId)
}

function isLater(dependency: MigrationRow, row: MigrationRow): boolean {
  if (dependency.appliedAt === null || row.appliedAt === null) return false
  return compareApplied(dependency, row) > 0
}

interface Late {
  readonly added: boolean
  /** What the dependency was perhaps called when it was applied. */
  readonly renamed?: MigrationId | undefined
  readonly how: string
}

function describeLate(
  { migration }: GraphNode,
  place: number,
  { added, renamed, how }: Late,
): readonly Diagnostic[] {
  const id = migration.header.dependsOn[place] ?? ''
  return [
    {
      code: 'TM4003',
      severity: added ? 'error' : 'warning',
      message: `"${migration.id}" is applied and depends on "${id}", which ${how}`,
      source: migration.source,
      span: migration.dependsOnSpans[place] ?? { start: 0, end: 0 },
      help: helpFor(id, added, renamed),
    },
  ]
}

function helpFor(id: MigrationId, added: boolean, renamed: MigrationId | undefined): string {
  if (renamed !== undefined) {
    return `if "${renamed}" was renamed to "${id}", record that: tidemark repair ${renamed} --adopt`
  }
  return added
    ? `remove it from "Depends on" and write a new migration that depends on both`
    : `"${id}" will be applied after it; check that this is what you want`
}
