import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import type { VariableValues } from '../migration/variables/bind-text.ts'

/**
 * A migration with its edges. Indexes are places in {@link MigrationGraph.nodes}; edges are sorted and hold
 * no index twice.
 */
export interface GraphNode {
  readonly migration: Migration
  /** The node's place in the topological order, from 0. */
  readonly index: number
  /** What it depends on: every index is lower than its own. */
  readonly dependencies: readonly number[]
  /** What depends on it: every index is higher than its own. */
  readonly dependents: readonly number[]
}

/**
 * Migrations with every dependency resolved; free of cycles, duplicates and unknown ids. Made by
 * `buildGraph`.
 */
export interface MigrationGraph {
  /** Topological order, ties by `compareIds`: the same for every input order, locale and platform. */
  readonly nodes: readonly GraphNode[]
  /** Where an id is; a replaced id leads to the squash that replaces it. */
  readonly indexes: ReadonlyMap<MigrationId, number>
  /** Replaced ids, each with the id of the squash that replaces it. */
  readonly aliases: ReadonlyMap<MigrationId, MigrationId>
  /**
   * Squashes that are passed over because files that they replace are still there. They are not in `nodes`.
   */
  readonly ignored: readonly Migration[]
  /** The environment whose files these are; undefined: only files for all environments. */
  readonly environment: string | undefined
  /** Values of the variables that files declare, for plans. */
  readonly variables: VariableValues
  /** Files for other environments, by id: neither pending nor required. They are not in `nodes`. */
  readonly elsewhere: readonly Migration[]
  /** What is worth saying and refuses nothing, such as TM2008. */
  readonly notes: readonly Diagnostic[]
}

/**
 * Finds the node of an id, or of the squash that replaces it.
 *
 * @example findNode(graph, '001_users')?.migration.source.path // 'migrations/001_users.sql'
 */
export function findNode(graph: MigrationGraph, id: MigrationId): GraphNode | undefined {
  const index = graph.indexes.get(id)
  return index === undefined ? undefined : graph.nodes[index]
}

/**
 * Gives the node at a place that the graph itself named.
 *
 * @throws TypeError when the index is none of this graph's.
 * @example nodeAt(graph, 0).migration.id // '001_users'
 */
export function nodeAt(graph: MigrationGraph, index: number): GraphNode {
  const node = graph.nodes[index]
  if (node === undefined) throw new TypeError(`no node ${index} in a graph of ${graph.nodes.length}`)
  return node
}
