import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCycle } from './find-cycle.ts'
import { type Edges, sortByDependency } from './sort.ts'

const edgesArbitrary: fc.Arbitrary<Edges> = fc
  .integer({ min: 1, max: 7 })
  .chain((count) =>
    fc.array(fc.subarray(Array.from({ length: count }, (_, place) => place)), {
      minLength: count,
      maxLength: count,
    }),
  )
  .map((edges) => edges.map((targets, node) => targets.filter((target) => target !== node)))

/** The length of a shortest cycle by trying every path. */
function naiveGirth(edges: Edges): number | undefined {
  let shortest: number | undefined
  const walk = (path: readonly number[]): void => {
    for (const target of edges[path.at(-1) ?? 0] ?? []) {
      if (target === path[0]) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, path.length)
      else if (!path.includes(target)) walk([...path, target])
    }
  }
  for (const node of edges.keys()) walk([node])
  return shortest
}

test('a shortest cycle is found, as a path along edges from its lowest node', () => {
  fc.assert(
    fc.property(edgesArbitrary, (edges) => {
      const cycle = findCycle(edges, sortByDependency(edges).stuck)
      expect(cycle?.length).toBe(naiveGirth(edges))
      cycle?.forEach((node, place) => {
        expect(edges[node]).toContain(cycle[(place + 1) % cycle.length])
      })
      if (cycle !== undefined) expect(cycle[0]).toBe(Math.min(...cycle))
    }),
    { numRuns: 500 },
  )
})

test('a ring of 100,000 migrations and what hangs on it are searched without recursion', () => {
  const count = 100_000
  const edges = Array.from({ length: 2 * count }, (_, node) => [node < count ? (node + 1) % count : node - 1])
  const cycle = findCycle(edges, sortByDependency(edges).stuck)
  expect(cycle?.length).toBe(count)
  expect(cycle?.slice(0, 3)).toEqual([0, 1, 2])
})
