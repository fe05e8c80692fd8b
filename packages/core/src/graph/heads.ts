import type { Migration } from '../migration/model/migration.ts'
import type { MigrationGraph } from './migration-graph.ts'

/**
 * The migrations that nothing depends on, in topological order: what a new migration usually depends on.
 *
 * @example listHeads(graph).map((migration) => migration.id)
 */
export function listHeads(graph: MigrationGraph): readonly Migration[] {
  return graph.nodes.filter((node) => node.dependents.length === 0).map((node) => node.migration)
}

/**
 * The migrations that depend on nothing, in topological order.
 *
 * @example listRoots(graph).map((migration) => migration.id) // ['001_users', '007_fix']
 */
export function listRoots(graph: MigrationGraph): readonly Migration[] {
  return graph.nodes.filter((node) => node.dependencies.length === 0).map((node) => node.migration)
}
