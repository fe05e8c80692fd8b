import { type Edges, invertEdges } from './sort.ts'

/** How many edges are looked at before the shortest cycle found so far is taken: about a second. */
const WORK_LIMIT = 50_000_000

/**
 * Finds a shortest cycle among nodes that cannot be ordered, as a path whose last node depends on its first.
 * Starts with its lowest node. Every cycle through a node that was looked at is known, so that node is left
 * out afterwards: long rings cost linear time. Above 50 million edge visits (which no human's files reach)
 * the shortest cycle found until then is returned.
 *
 * @param edges for each node what it depends on.
 * @param nodes where to look: the rest is not entered. Ascending.
 * @returns undefined when there is no cycle.
 * @example findCycle([[1], [2], [0]], [0, 1, 2]) // [0, 1, 2]
 */
export function findCycle(edges: Edges, nodes: readonly number[]): readonly number[] | undefined {
  const search = createSearch(edges, nodes)
  for (const node of nodes) {
    if (!search.isInside(node)) continue
    search.lookFrom(node)
    if (search.best()?.length === 2) break
    search.remove(node)
  }
  const best = search.best()
  return best === undefined ? undefined : rotateToLowest(best)
}

interface CycleSearch {
  isInside(node: number): boolean
  lookFrom(start: number): void
  remove(node: number): void
  best(): readonly number[] | undefined
}

function createSearch(edges: Edges, nodes: readonly number[]): CycleSearch {
  const inverse = invertEdges(edges)
  const inside = new Uint8Array(edges.length)
  for (const node of nodes) inside[node] = 1
  const outgoing = Int32Array.from(edges, (list) => countInside(list, inside))
  const incoming = Int32Array.from(inverse, (list) => countInside(list, inside))
  const cameFrom = new Int32Array(edges.length)
  const seenFrom = new Int32Array(edges.length).fill(-1)
  let best: readonly number[] | undefined
  let work = 0

  const remove = (first: number): void => {
    const doomed = [first]
    inside[first] = 0
    for (let node = doomed.pop(); node !== undefined; node = doomed.pop()) {
      loosen(edges[node] ?? [], incoming, inside, doomed)
      loosen(inverse[node] ?? [], outgoing, inside, doomed)
    }
  }

  const lookFrom = (start: number): void => {
    if (work > WORK_LIMIT) return
    let ring = [start]
    for (let depth = 1; ring.length > 0 && depth < (best?.length ?? Number.POSITIVE_INFINITY); depth += 1) {
      const next: number[] = []
      for (const node of ring) {
        for (const target of edges[node] ?? []) {
          work += 1
          if (target === start) {
            best = walkBack(cameFrom, start, node)
            return
          }
          if (inside[target] !== 1 || seenFrom[target] === start) continue
          seenFrom[target] = start
          cameFrom[target] = node
          next.push(target)
        }
      }
      ring = next
    }
  }

  for (const node of nodes) {
    if (inside[node] === 1 && (outgoing[node] === 0 || incoming[node] === 0)) remove(node)
  }
  return { isInside: (node) => inside[node] === 1, lookFrom, remove, best: () => best }
}

function countInside(list: readonly number[], inside: Uint8Array): number {
  let count = 0
  for (const node of list) count += inside[node] ?? 0
  return count
}

/** Takes one edge away from each neighbour; a neighbour without any can be in no cycle. */
function loosen(neighbours: readonly number[], left: Int32Array, inside: Uint8Array, doomed: number[]): void {
  for (const node of neighbours) {
    if (inside[node] !== 1) continue
    const count = (left[node] ?? 0) - 1
    left[node] = count
    if (count > 0) continue
    inside[node] = 0
    doomed.push(node)
  }
}

function walkBack(cameFrom: Int32Array, start: number, last: number): number[] {
  const path: number[] = []
  for (let node = last; node !== start; node = cameFrom[node] ?? start) path.push(node)
  return [start, ...path.reverse()]
}

function rotateToLowest(cycle: readonly number[]): readonly number[] {
  const lowest = cycle.indexOf(cycle.reduce((a, b) => Math.min(a, b)))
  return [...cycle.slice(lowest), ...cycle.slice(0, lowest)]
}
