import type { MigrationId } from '../migration/model/migration.ts'
import { findNode, type GraphNode, type MigrationGraph, nodeAt } from './migration-graph.ts'

/**
 * Everything that these migrations need, directly or not, in topological order; they themselves are left out
 * unless another needs them. O(n + e), never recursive.
 *
 * @example listAncestors(graph, ['004_tags']).map((node) => node.migration.id) // ['001_users', '003_posts']
 */
export function listAncestors(graph: MigrationGraph, ids: Iterable<MigrationId>): readonly GraphNode[] {
  return reach(graph, ids, (node) => node.dependencies)
}

/**
 * Everything that needs one of these migrations, directly or not, in topological order. O(n + e), never
 * recursive.
 *
 * @example listDescendants(graph, ['003_posts']).map((node) => node.migration.id) // ['004_likes', '004_tags']
 */
export function listDescendants(graph: MigrationGraph, ids: Iterable<MigrationId>): readonly GraphNode[] {
  return reach(graph, ids, (node) => node.dependents)
}

/**
 * These migrations with everything they need, in topological order: the smallest set around them that can be
 * applied.
 *
 * @example listWithAncestors(graph, ['003_orders']).map((node) => node.migration.id) // ['001_users', '003_orders']
 */
export function listWithAncestors(graph: MigrationGraph, ids: Iterable<MigrationId>): readonly GraphNode[] {
  const own = [...ids].flatMap((id) => findNode(graph, id)?.index ?? [])
  const all = new Set(listAncestors(graph, ids).map((node) => node.index))
  for (const index of own) all.add(index)
  return inOrder(graph, all)
}

function reach(
  graph: MigrationGraph,
  ids: Iterable<MigrationId>,
  next: (node: GraphNode) => readonly number[],
): readonly GraphNode[] {
  const seen = new Set<number>()
  const open = [...ids].flatMap((id) => findNode(graph, id) ?? [])
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const index of next(node)) {
      if (seen.has(index)) continue
      seen.add(index)
      open.push(nodeAt(graph, index))
    }
  }
  return inOrder(graph, seen)
}

function inOrder(graph: MigrationGraph, indexes: ReadonlySet<number>): readonly GraphNode[] {
  return [...indexes].sort((a, b) => a - b).map((index) => nodeAt(graph, index))
}
