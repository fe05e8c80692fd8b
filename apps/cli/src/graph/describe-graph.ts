import { listHeads, listRoots, type MigrationGraph, nodeAt } from '@tidemark/core'
import type { GraphJson } from '../schema/file-schemas.ts'

/** Describes a graph as data: what `graph` prints in every format. */
export function describeGraph(graph: MigrationGraph): GraphJson {
  const idOf = (index: number): string => nodeAt(graph, index).migration.id
  return {
    nodes: graph.nodes.map(({ migration, dependencies, dependents }) => ({
      id: migration.id,
      path: migration.source.path,
      description: migration.header.description,
      type: migration.header.type,
      dependsOn: dependencies.map(idOf),
      dependents: dependents.map(idOf),
    })),
    roots: listRoots(graph).map(({ id }) => id),
    heads: listHeads(graph).map(({ id }) => id),
  }
}
