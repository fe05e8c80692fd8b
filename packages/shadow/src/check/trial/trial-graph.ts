import { type Migration, type MigrationGraph, nodeAt } from '@tidemark/core'

/** Migrations in plan order, and what each needs, by index: declared dependencies and those that were found. */
export interface TrialGraph {
  readonly migrations: readonly Migration[]
  /** Each index is lower than its own. May grow while trials run. */
  readonly dependencies: readonly (readonly number[])[]
}

/** Gives a migration of the graph. */
export function migrationAt({ migrations }: TrialGraph, index: number): Migration {
  const migration = migrations[index]
  if (migration === undefined) throw new TypeError(`no migration ${index}`)
  return migration
}

/** Narrows a graph to some of its nodes, which hold all that they need. Indexes are counted anew. */
export function narrowGraph(graph: MigrationGraph, isKept: (index: number) => boolean): TrialGraph {
  const kept = graph.nodes.filter(({ index }) => isKept(index))
  const places = new Map(kept.map(({ index }, place) => [index, place]))
  return {
    migrations: kept.map(({ migration }) => migration),
    dependencies: kept.map(({ index }) =>
      nodeAt(graph, index).dependencies.flatMap((one) => places.get(one) ?? []),
    ),
  }
}
