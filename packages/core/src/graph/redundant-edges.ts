import type { MigrationId } from '../migration/model/migration.ts'
import { type GraphNode, type MigrationGraph, nodeAt } from './migration-graph.ts'

/** A dependency that another one implies: harmless, and noise in a drawing. */
export interface RedundantEdge {
  readonly from: MigrationId
  readonly to: MigrationId
}

/**
 * Lists the dependencies that other dependencies of the same migration imply, in topological order.
 * What is left when they are taken away is the transitive reduction. Never recursive.
 *
 * @example listRedundantEdges(graph) // [{ from: 'c', to: 'a' }]: c depends on a and b, b depends on a
 */
export function listRedundantEdges(graph: MigrationGraph): readonly RedundantEdge[] {
  return graph.nodes.flatMap((node) =>
    node.dependencies.length < 2
      ? []
      : listImplied(graph, node).map((to) => ({
          from: node.migration.id,
          to: nodeAt(graph, to).migration.id,
        })),
  )
}

/** Walks down from the dependencies, never below the lowest of them: nothing there can lead back up. */
function listImplied(graph: MigrationGraph, node: GraphNode): readonly number[] {
  const lowest = node.dependencies[0] ?? 0
  const seen = new Set<number>()
  const open = [...node.dependencies]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const below of nodeAt(graph, index).dependencies) {
      if (below < lowest || seen.has(below)) continue
      seen.add(below)
      open.push(below)
    }
  }
  return node.dependencies.filter((index) => seen.has(index))
}
