import type { GraphNode } from '../../graph/migration-graph.ts'

/**
 * Puts nodes that are in topological order into plan order: non-blocking files last.
 * Dependencies still come first, because nothing blocking depends on a non-blocking file (TM2005).
 */
export function inPlanOrder(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const isBlocking = (node: GraphNode) => node.migration.header.blocking
  return [...nodes.filter(isBlocking), ...nodes.filter((node) => !isBlocking(node))]
}
