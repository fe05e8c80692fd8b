import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collectAncestors } from './ancestor-sets.ts'
import { listIncomparable, realize } from './realize.ts'
import type { Edges } from './sort.ts'

/** Random edges that lead to lower indexes. */
const edgesArbitrary: fc.Arbitrary<Edges> = fc
  .integer({ min: 0, max: 24 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, node) =>
        fc.subarray(Array.from({ length: node }, (_, other) => other)),
      ),
    ),
  )

function isBefore(order: readonly number[], a: number, b: number): boolean {
  return order.indexOf(a) < order.indexOf(b)
}

describe('collectAncestors', () => {
  it('knows what each node needs, over any number of steps', () => {
    fc.assert(
      fc.property(edgesArbitrary, (edges) => {
        const ancestors = collectAncestors(edges)
        const walked: Set<number>[] = []
        edges.forEach((list, node) => {
          walked[node] = new Set(list.flatMap((one) => [one, ...(walked[one] ?? [])]))
          expect(ancestors.list(node)).toEqual([...(walked[node] ?? [])].sort((a, b) => a - b))
        })
      }),
    )
  })

  it('holds more nodes than a word has bits', () => {
    const chain = Array.from({ length: 100 }, (_, node) => (node === 0 ? [] : [node - 1]))
    const ancestors = collectAncestors(chain)
    expect(ancestors.list(99)).toHaveLength(99)
    expect(ancestors.areIncomparable(3, 98)).toBe(false)
    expect(ancestors.areIncomparable(3, 3)).toBe(false)
  })
})

describe('realize', () => {
  it('gives permitted orders that hold every pair both ways', () => {
    fc.assert(
      fc.property(edgesArbitrary, (edges) => {
        const { orders, pairs } = realize(edges)
        for (const order of orders) {
          expect([...order].sort((a, b) => a - b)).toEqual(edges.map((_, node) => node))
          edges.forEach((list, node) => {
            for (const dependency of list) expect(isBefore(order, dependency, node)).toBe(true)
          })
        }
        const incomparable = listIncomparable(collectAncestors(edges))
        expect(pairs).toBe(incomparable.length)
        for (const [a, b] of incomparable) {
          expect(orders.some((order) => isBefore(order, a, b))).toBe(true)
          expect(orders.some((order) => isBefore(order, b, a))).toBe(true)
        }
      }),
    )
  })

  it('needs one order for a chain, two for migrations that know nothing of one another', () => {
    expect(realize([[], [0], [1]])).toEqual({ orders: [[0, 1, 2]], pairs: 0 })
    const alone = Array.from({ length: 40 }, () => [])
    expect(realize(alone)).toMatchObject({ orders: { length: 2 }, pairs: 780 })
    expect(realize([])).toEqual({ orders: [[]], pairs: 0 })
  })

  it('turns round only pairs of those that are asked about', () => {
    const edges: Edges = [[], [], [], [1, 2]]
    expect(realize(edges, new Set([0]))).toMatchObject({ pairs: 3 })
    expect(realize(edges, new Set([3]))).toMatchObject({ pairs: 1 })
    expect(realize(edges, new Set())).toEqual({ orders: [[0, 1, 2, 3]], pairs: 0 })
  })

  it('finds few orders for a large graph of many strands', () => {
    // 12 strands that join and part again every 10 steps.
    const edges: Edges = Array.from({ length: 480 }, (_, node) => {
      if (node < 12) return []
      const row = Math.floor(node / 12)
      if (row % 10 !== 0) return [node - 12]
      return Array.from({ length: 12 }, (_, strand) => (row - 1) * 12 + strand)
    })
    const { orders, pairs } = realize(edges)
    expect(pairs).toBe(4 * 66 * 100)
    expect(orders.length).toBeLessThan(5)
  })
})
