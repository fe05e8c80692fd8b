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

/** An object that the branches of several heads touch. */
export interface TouchedBySeveral {
  /** Such as `orders` or `function app.total`. */
  readonly object: string
  /** Which migrations of which branch, in topological order of the heads. */
  readonly by: readonly { readonly head: MigrationId; readonly ids: readonly MigrationId[] }[]
}

/** Where the graph has parted. */
export interface Branches {
  readonly branches: readonly Branch[]
  /** Every two heads compared; empty for more than {@link MAX_COMPARED_HEADS} heads. */
  readonly pairs: readonly BranchPair[]
  /** Objects that more than one branch touches, sorted. */
  readonly touchedBySeveral: readonly TouchedBySeveral[]
}

/** Up to so many heads each two are compared; the number of pairs grows with the square. */
export const MAX_COMPARED_HEADS = 8

/**
 * Lists the heads, what is unique to each, where each two of them part, and which objects several branches
 * touch, from the texts alone. With one head there are no pairs. O(n + e) and the texts of the branches,
 * however many heads there are.
 *
 * @example describeBranches(graph).pairs[0]?.forkPoint // '001_users'
 */
export function describeBranches(graph: MigrationGraph): Branches {
  const branches = listBranches(graph)
  return {
    branches,
    pairs: branches.length > MAX_COMPARED_HEADS ? [] : comparePairs(graph, branches),
    touchedBySeveral: branches.length < 2 ? [] : findTouchedBySeveral(graph, branches),
  }
}

const SHARED = -1

/**
 * Dependents come after what they depend on, so one pass from the end finds the only head that needs each
 * migration.
 */
function listBranches(graph: MigrationGraph): readonly Branch[] {
  const brings = new Map<number, MigrationId[]>()
  const heads = new Map<number, number>()
  for (const { index, dependents, migration } of graph.nodes.toReversed()) {
    const [first = index, ...others] = dependents.map((dependent) => heads.get(dependent) ?? SHARED)
    const head = others.every((other) => other === first) ? first : SHARED
    heads.set(index, head)
    if (head === SHARED) continue
    const own = brings.get(head)
    if (own === undefined) brings.set(head, [migration.id])
    else own.push(migration.id)
  }
  return listHeads(graph).map(({ id }) => {
    const own = brings.get(graph.indexes.get(id) ?? SHARED) ?? []
    return { head: id, brings: own.toReversed() }
  })
}

function findTouchedBySeveral(
  graph: MigrationGraph,
  branches: readonly Branch[],
): readonly TouchedBySeveral[] {
  const found = new Map<string, { readonly head: MigrationId; readonly ids: readonly MigrationId[] }[]>()
  for (const { head, brings } of branches) {
    for (const [object, ids] of touchesOf(graph, brings)) {
      const by = found.get(object)
      if (by === undefined) found.set(object, [{ head, ids }])
      else by.push({ head, ids })
    }
  }
  return [...found]
    .filter(([, by]) => by.length > 1)
    .map(([object, by]) => ({ object, by }))
    .sort((a, b) => (a.object < b.object ? -1 : 1))
}

function comparePairs(graph: MigrationGraph, branches: readonly Branch[]): readonly BranchPair[] {
  const sides = branches.map(({ head }) => ({ id: head, nodes: listWithAncestors(graph, [head]) }))
  return sides.flatMap((a, place) => sides.slice(place + 1).map((b) => comparePair(graph, a, b)))
}

interface Side {
  readonly id: MigrationId
  readonly nodes: readonly GraphNode[]
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
    for (const object of new Set(objects)) {
      const by = touches.get(object)
      if (by === undefined) touches.set(object, [id])
      else by.push(id)
    }
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
