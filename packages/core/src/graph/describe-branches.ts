import type { MigrationId } from '../migration/model/migration.ts'
import { formatTouchedObject, listTouchedObjects } from '../sql/touched-objects.ts'
import { listHeads } from './heads.ts'
import { findNode, type GraphNode, type MigrationGraph } from './migration-graph.ts'
import { listWithAncestors } from './reach.ts'

/** One head with what only its side brings. */
export interface Branch {
  readonly head: MigrationId
  /** Migrations that no other head needs, in topological order. */
  readonly brings: readonly MigrationId[]
}

/** Two heads compared. */
export interface BranchPair {
  readonly heads: readonly [MigrationId, MigrationId]
  /** The last migration that both sides have; null when they share none. */
  readonly forkPoint: MigrationId | null
  /** What each side brings since, in topological order: in the order of `heads`. */
  readonly brings: readonly [readonly MigrationId[], readonly MigrationId[]]
  /** Objects that both sides make, change, fill or remove, sorted: a look at their order is worth while. */
  readonly touchedByBoth: readonly TouchedByBoth[]
}

/** An object that two sides touch, and by which migrations. */
export interface TouchedByBoth {
  /** Such as `orders` or `function app.total`. */
  readonly object: string
  readonly by: readonly [readonly MigrationId[], readonly MigrationId[]]
}

/** Where the graph has parted. */
export interface Branches {
  readonly branches: readonly Branch[]
  readonly pairs: readonly BranchPair[]
}

/**
 * Tells the heads, what each brings, where each two of them part, and which objects both sides touch, from the texts alone.
 * With one head there are no pairs.
 *
 * @example describeBranches(graph).pairs[0]?.forkPoint // '001_users'
 */
export function describeBranches(graph: MigrationGraph): Branches {
  const sides = listHeads(graph).map(({ id }) => ({ id, nodes: listWithAncestors(graph, [id]) }))
  return {
    branches: sides.map((side) => ({ head: side.id, brings: onlyOf(side, sides) })),
    pairs: sides.flatMap((a, place) => sides.slice(place + 1).map((b) => comparePair(graph, a, b))),
  }
}

interface Side {
  readonly id: MigrationId
  readonly nodes: readonly GraphNode[]
}

function onlyOf(side: Side, all: readonly Side[]): readonly MigrationId[] {
  const others = all.filter((one) => one !== side).flatMap(({ nodes }) => nodes)
  return idsWithout(side.nodes, others)
}

function comparePair(graph: MigrationGraph, a: Side, b: Side): BranchPair {
  const shared = new Set(a.nodes.map(({ index }) => index))
  const forkPoint = b.nodes.findLast(({ index }) => shared.has(index))
  const brings = [idsWithout(a.nodes, b.nodes), idsWithout(b.nodes, a.nodes)] as const
  return {
    heads: [a.id, b.id],
    forkPoint: forkPoint?.migration.id ?? null,
    brings,
    touchedByBoth: findTouchedByBoth(touchesOf(graph, brings[0]), touchesOf(graph, brings[1])),
  }
}

function idsWithout(nodes: readonly GraphNode[], others: readonly GraphNode[]): readonly MigrationId[] {
  const left = new Set(others.map(({ index }) => index))
  return nodes.filter(({ index }) => !left.has(index)).map(({ migration }) => migration.id)
}

type Touches = ReadonlyMap<string, readonly MigrationId[]>

function touchesOf(graph: MigrationGraph, ids: readonly MigrationId[]): Touches {
  const touches = new Map<string, MigrationId[]>()
  for (const id of ids) {
    const migration = findNode(graph, id)?.migration
    if (migration === undefined) continue
    const { text } = migration.source
    const objects = migration.up.statements.flatMap(({ codeStart, codeEnd }) =>
      listTouchedObjects(text, { start: codeStart, end: codeEnd }).map(formatTouchedObject),
    )
    for (const object of new Set(objects)) touches.set(object, [...(touches.get(object) ?? []), id])
  }
  return touches
}

function findTouchedByBoth(a: Touches, b: Touches): readonly TouchedByBoth[] {
  const both: TouchedByBoth[] = []
  for (const [object, byA] of a) {
    const byB = b.get(object)
    if (byB !== undefined) both.push({ object, by: [byA, byB] })
  }
  return both.sort((x, y) => (x.object < y.object ? -1 : 1))
}
