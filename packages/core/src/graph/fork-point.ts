import type { Migration, MigrationId } from '../migration/model/migration.ts'
import type { MigrationGraph } from './migration-graph.ts'
import { listWithAncestors } from './reach.ts'

/**
 * Finds where two branches part: the last migration, in topological order, that both ids need or are.
 * Undefined when they share nothing.
 *
 * @example findForkPoint(graph, '004_tags', '004_likes')?.id // '003_posts'
 */
export function findForkPoint(graph: MigrationGraph, a: MigrationId, b: MigrationId): Migration | undefined {
  const shared = new Set(listWithAncestors(graph, [a]).map((node) => node.index))
  return listWithAncestors(graph, [b]).findLast((node) => shared.has(node.index))?.migration
}
