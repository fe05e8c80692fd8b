import type { GraphJson } from '../schema/file-schemas.ts'

/** Writes the graph in Mermaid's flowchart language; arrows lead from what is applied first. */
export function presentMermaid({ nodes }: GraphJson): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `m${index}`]))
  return [
    'flowchart TD',
    ...nodes.map(({ id }) => `  ${names.get(id)}["${id}"]`),
    ...nodes.flatMap(({ id, dependsOn }) =>
      dependsOn.map((other) => `  ${names.get(other)} --> ${names.get(id)}`),
    ),
  ].join('\n')
}

/** Writes the graph in the DOT language of Graphviz; arrows lead from what is applied first. */
export function presentDot({ nodes }: GraphJson): string {
  return [
    'digraph migrations {',
    '  node [shape=box]',
    ...nodes.map(({ id }) => `  "${id}"`),
    ...nodes.flatMap(({ id, dependsOn }) => dependsOn.map((other) => `  "${other}" -> "${id}"`)),
    '}',
  ].join('\n')
}
