import {
  type Catalog,
  compareCatalogs,
  type IncomparablePair,
  readCatalog,
  realize,
  scopeCatalog,
} from '@tidemark/core'
import type { Shadow } from '../../port/shadow.ts'
import { judgeDifferences } from '../reversibility/reversibility.ts'
import { type CheckGround, withShadow } from '../trial/check-ground.ts'
import { commitSection } from '../trial/commit-section.ts'
import { migrationAt } from '../trial/trial-graph.ts'
import type { UnexplainedOrder } from './order-report.ts'

/** What is replayed. */
export interface Replays {
  /** Committed before, the same for every order. */
  readonly prefix: readonly number[]
  /** Replayed after it, in plan order. */
  readonly replayed: readonly number[]
  /** The schema at the end of plan order. */
  readonly end: Catalog
  /** Pairs whose order is known to matter: it stays as it is in plan order. */
  readonly settled: readonly IncomparablePair[]
}

/** Replays a few orders that hold every pair both ways, and compares what they end with. */
export async function replayOrders(
  ground: CheckGround,
  { prefix, replayed, end, settled }: Replays,
): Promise<{ readonly count: number; readonly unexplained: readonly UnexplainedOrder[] }> {
  const places = new Map(replayed.map((index, place) => [index, place]))
  const after = new Map<number, number[]>()
  for (const [a, b] of settled) after.set(b, [...(after.get(b) ?? []), a])
  const edges = replayed.map((index) => {
    const all = [...(ground.graph.dependencies[index] ?? []), ...(after.get(index) ?? [])]
    return [...new Set(all.flatMap((one) => places.get(one) ?? []))].sort((a, b) => a - b)
  })
  const asked = new Set(replayed.flatMap((index, place) => (ground.checked.has(index) ? [place] : [])))
  const [, ...orders] = realize(edges, asked).orders
  const unexplained: UnexplainedOrder[] = []
  for (const order of orders) {
    const indexes = order.flatMap((place) => replayed[place] ?? [])
    const found = await withShadow(ground, prefix, (shadow) => replayOne(ground, shadow, indexes, end))
    if (found !== null) unexplained.push(found)
  }
  return { count: orders.length, unexplained }
}

async function replayOne(
  { graph, trackingSchema, signal }: CheckGround,
  shadow: Shadow,
  order: readonly number[],
  end: Catalog,
): Promise<UnexplainedOrder | null> {
  const ids = order.map((index) => migrationAt(graph, index).id)
  const connection = await shadow.connect()
  try {
    for (const index of order) {
      signal?.throwIfAborted()
      const migration = migrationAt(graph, index)
      const failure = await commitSection(connection, migration, 'up')
      if (failure !== null) {
        return { order: ids, failure: { ...failure, migrationId: migration.id }, differences: [] }
      }
    }
    const differences = compareCatalogs(end, scopeCatalog(await readCatalog(connection), { trackingSchema }))
    return judgeDifferences(differences) === 'differs' ? { order: ids, failure: null, differences } : null
  } finally {
    await connection.close()
  }
}
