import { type AncestorSets, collectAncestors } from './ancestor-sets.ts'
import { type Edges, invertEdges } from './sort.ts'

/** Two nodes that no path orders; the first has the lower index. */
export type IncomparablePair = readonly [number, number]

/** Orders that together hold every pair of nodes in each order that the graph permits. */
export interface Realizer {
  /** Each holds every node once, after all that it depends on. The first is 0, 1, 2, … */
  readonly orders: readonly (readonly number[])[]
  /** How many pairs are in both orders. */
  readonly pairs: number
}

/**
 * Lists the pairs of nodes that no path orders, the lower index first, ascending. O(n²).
 *
 * @param of only pairs of which at least one is among these; default: all.
 * @example listIncomparable(collectAncestors([[], [0], [0]])) // [[1, 2]]
 */
export function listIncomparable(
  ancestors: AncestorSets,
  of?: ReadonlySet<number>,
): readonly IncomparablePair[] {
  const pairs: IncomparablePair[] = []
  for (let b = 1; b < ancestors.count; b += 1) {
    for (let a = 0; a < b; a += 1) {
      const isAsked = of === undefined || of.has(a) || of.has(b)
      if (isAsked && !ancestors.needs(b, a)) pairs.push([a, b])
    }
  }
  return pairs
}

/**
 * Finds a few orders that together put every two nodes that no path orders in both orders (a realizer of the
 * partial order). Whatever depends on the order of two migrations shows when these orders are executed. How few
 * orders suffice is hard to know; each is chosen greedily, to turn round as many pairs as it can.
 *
 * @param dependencies per node; every index is lower than its own, as in a graph of `buildGraph`.
 * @param of only pairs of which at least one is among these; default: all.
 * @example realize([[], [0], [0]]).orders // [[0, 1, 2], [0, 2, 1]]
 */
export function realize(dependencies: Edges, of?: ReadonlySet<number>): Realizer {
  const ancestors = collectAncestors(dependencies)
  const dependents = invertEdges(dependencies)
  const pairs = listIncomparable(ancestors, of)
  const orders: (readonly number[])[] = [dependencies.map((_, node) => node)]
  let left = pairs
  while (left[0] !== undefined) {
    const second = left[0][1]
    // The greedy order may turn round nothing; one that starts with what the second needs turns round a pair.
    const order = [[], [...ancestors.list(second), second]]
      .map((start) => turnRound({ dependencies, dependents, pairs: left, start }))
      .find((one) => keptBy(one, left).length < left.length)
    if (order === undefined) throw new TypeError('no order turns round a pair that no path orders')
    orders.push(order)
    left = keptBy(order, left)
  }
  return { orders, pairs: pairs.length }
}

interface TurnRound {
  readonly dependencies: Edges
  readonly dependents: Edges
  /** Pairs of which the second is to come before the first. */
  readonly pairs: readonly IncomparablePair[]
  /** Nodes that come before all others, in an order that is permitted. */
  readonly start: readonly number[]
}

/** Takes, of the nodes that may come next, one that waits for the fewest others; the highest of several. */
function turnRound({ dependencies, dependents, pairs, start }: TurnRound): readonly number[] {
  const waiting = Int32Array.from(dependencies, (list) => list.length)
  const before = new Int32Array(dependencies.length)
  const releases: number[][] = dependencies.map(() => [])
  for (const [a, b] of pairs) {
    before[a] = (before[a] ?? 0) + 1
    releases[b]?.push(a)
  }
  const ready = new Set<number>()
  waiting.forEach((count, node) => {
    if (count === 0) ready.add(node)
  })
  const order: number[] = []
  const take = (node: number) => {
    order.push(node)
    ready.delete(node)
    for (const other of releases[node] ?? []) before[other] = (before[other] ?? 0) - 1
    for (const dependent of dependents[node] ?? []) {
      const count = (waiting[dependent] ?? 0) - 1
      waiting[dependent] = count
      if (count === 0) ready.add(dependent)
    }
  }
  for (const node of start) take(node)
  while (ready.size > 0) take(chooseNext(ready, before))
  return order
}

function chooseNext(ready: ReadonlySet<number>, before: Int32Array): number {
  let best = -1
  for (const node of ready) {
    const difference = best < 0 ? -1 : (before[node] ?? 0) - (before[best] ?? 0)
    if (difference < 0 || (difference === 0 && node > best)) best = node
  }
  return best
}

/** The pairs that still come in ascending order. */
function keptBy(order: readonly number[], pairs: readonly IncomparablePair[]): readonly IncomparablePair[] {
  const places = new Int32Array(order.length)
  order.forEach((node, place) => {
    places[node] = place
  })
  return pairs.filter(([a, b]) => (places[a] ?? 0) < (places[b] ?? 0))
}
