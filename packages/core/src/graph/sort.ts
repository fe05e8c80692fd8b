import { createIndexHeap } from './index-heap.ts'

/** Edges of a graph over the integers from 0: for each node the nodes it depends on. */
export type Edges = readonly (readonly number[])[]

/** An order, and the nodes that no order can hold because a cycle is among them or before them. */
export interface SortedIndexes {
  readonly order: readonly number[]
  readonly stuck: readonly number[]
}

/**
 * Orders nodes so that each follows everything it depends on; ties go to the lowest integer (Kahn's algorithm
 * with a heap). Never recursive. O((n + e) log n).
 *
 * @param dependencies per node, without an index twice.
 * @example sortByDependency([[1], []]) // { order: [1, 0], stuck: [] }
 */
export function sortByDependency(dependencies: Edges): SortedIndexes {
  const dependents = invertEdges(dependencies)
  const waiting = Int32Array.from(dependencies, (list) => list.length)
  const ready = createIndexHeap(dependencies.length)
  for (let node = 0; node < waiting.length; node += 1) if (waiting[node] === 0) ready.push(node)
  const order: number[] = []
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node)
    for (const dependent of dependents[node] ?? []) {
      const left = (waiting[dependent] ?? 0) - 1
      waiting[dependent] = left
      if (left === 0) ready.push(dependent)
    }
  }
  return { order, stuck: order.length === waiting.length ? [] : listStuck(waiting) }
}

/** Turns edges round: for each node the nodes that depend on it, ascending. */
export function invertEdges(edges: Edges): number[][] {
  const inverse: number[][] = edges.map(() => [])
  edges.forEach((targets, node) => {
    for (const target of targets) inverse[target]?.push(node)
  })
  return inverse
}

function listStuck(waiting: Int32Array): number[] {
  const stuck: number[] = []
  waiting.forEach((left, node) => {
    if (left > 0) stuck.push(node)
  })
  return stuck
}
