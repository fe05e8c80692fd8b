import fc from 'fast-check'
import { expect, test } from 'vitest'
import { graphOf, migrationsArbitrary } from '../../test/builders/graph-arbitrary.ts'
import { migration } from '../../test/builders/migration-builder.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import { findForkPoint } from './fork-point.ts'
import { listHeads, listRoots } from './heads.ts'
import type { GraphNode, MigrationGraph } from './migration-graph.ts'
import { listAncestors, listDescendants, listWithAncestors } from './reach.ts'
import { listRedundantEdges } from './redundant-edges.ts'

const graphArbitrary = migrationsArbitrary().map((migrations) => graphOf(...migrations))
const idsOf = (nodes: readonly GraphNode[]) => nodes.map((node) => node.migration.id)

/** Follows `Depends on` in every way there is. */
function naiveNeeds(
  graph: MigrationGraph,
  from: MigrationId,
  without?: MigrationId,
): ReadonlySet<MigrationId> {
  const byId = new Map(graph.nodes.map(({ migration: one }) => [one.id, one]))
  const direct = byId.get(from)?.header.dependsOn.filter((id) => id !== without) ?? []
  return new Set(direct.flatMap((id) => [id, ...naiveNeeds(graph, id)]))
}

test('ancestors and descendants are what following every edge gives, in topological order', () => {
  fc.assert(
    fc.property(graphArbitrary, (graph) => {
      const ids = idsOf(graph.nodes)
      for (const id of ids) {
        const needs = naiveNeeds(graph, id)
        expect(idsOf(listAncestors(graph, [id]))).toEqual(ids.filter((other) => needs.has(other)))
        expect(idsOf(listWithAncestors(graph, [id]))).toEqual(
          ids.filter((other) => other === id || needs.has(other)),
        )
        expect(idsOf(listDescendants(graph, [id]))).toEqual(
          ids.filter((other) => naiveNeeds(graph, other).has(id)),
        )
      }
    }),
  )
})

test('heads are needed by nothing and roots need nothing', () => {
  fc.assert(
    fc.property(graphArbitrary, (graph) => {
      const needed = new Set(graph.nodes.flatMap((node) => node.migration.header.dependsOn))
      const all = graph.nodes.map((node) => node.migration)
      expect(listHeads(graph)).toEqual(all.filter((one) => !needed.has(one.id)))
      expect(listRoots(graph)).toEqual(all.filter((one) => one.header.dependsOn.length === 0))
    }),
  )
})

test('an edge is redundant exactly when its end is needed without it', () => {
  fc.assert(
    fc.property(graphArbitrary, (graph) => {
      const found = listRedundantEdges(graph).map(({ from, to }) => `${from}>${to}`)
      const expected = graph.nodes.flatMap(({ migration: one }) =>
        one.header.dependsOn
          .filter((to) => naiveNeeds(graph, one.id, to).has(to))
          .map((to) => `${one.id}>${to}`),
      )
      expect(new Set(found)).toEqual(new Set(expected))
      expect(found.length).toBe(expected.length)
    }),
  )
})

test('the fork point of two migrations is the last one that both need or are', () => {
  fc.assert(
    fc.property(graphArbitrary, (graph) => {
      const ids = idsOf(graph.nodes)
      for (const [a, b] of ids.flatMap((one) => ids.map((other) => [one, other] as const))) {
        const ofB = new Set([b, ...naiveNeeds(graph, b)])
        const shared = new Set([a, ...naiveNeeds(graph, a)].filter((id) => ofB.has(id)))
        expect(findForkPoint(graph, a, b)?.id).toBe(ids.findLast((id) => shared.has(id)))
      }
    }),
    { numRuns: 50 },
  )
})

test('two branches fork where they part', () => {
  const graph = graphOf(
    migration('1_users'),
    migration('2_posts', { dependsOn: ['1_users'] }),
    migration('3_likes', { dependsOn: ['2_posts'] }),
    migration('3_tags', { dependsOn: ['2_posts', '1_users'] }),
  )
  expect(listHeads(graph).map((one) => one.id)).toEqual(['3_likes', '3_tags'])
  expect(findForkPoint(graph, '3_likes', '3_tags')?.id).toBe('2_posts')
  expect(findForkPoint(graph, '3_likes', 'nobody')).toBeUndefined()
  expect(listRedundantEdges(graph)).toEqual([{ from: '3_tags', to: '1_users' }])
})
