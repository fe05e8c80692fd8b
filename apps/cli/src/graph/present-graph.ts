import type { GraphJson } from '../schema/file-schemas.ts'
import type { Paint } from '../text/paint.ts'
import { presentDot, presentMermaid } from './present-graph-text.ts'
import { presentGraphTree } from './present-graph-tree.ts'

/** Writes the graph in one of the formats of `tidemark graph --format` that are no document. */
export function presentGraph(graph: GraphJson, format: 'tree' | 'mermaid' | 'dot', paint: Paint): string {
  if (format === 'mermaid') return presentMermaid(graph)
  if (format === 'dot') return presentDot(graph)
  return graph.nodes.length === 0
    ? 'no migrations yet: `tidemark new NAME` writes one'
    : presentGraphTree(graph, paint)
}
