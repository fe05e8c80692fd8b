import fc from 'fast-check'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { MigrationGraph } from '../../src/graph/migration-graph.ts'
import type { Migration } from '../../src/migration/model/migration.ts'
import { type MigrationSketch, migration } from './migration-builder.ts'

/** The graph of migrations that are known to be sound. */
export function graphOf(...migrations: readonly Migration[]): MigrationGraph {
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new Error(graph.error.map((problem) => problem.message).join('\n'))
  return graph.value
}

/** What may vary in a random graph beside its edges. */
export interface GraphShape {
  /** The most migrations. Default 9. */
  readonly most?: number
  /** More of each migration; the place says how early it may stand. */
  readonly sketch?: fc.Arbitrary<MigrationSketch>
}

/**
 * Random sound graphs as lists of migrations: ids in no relation to the order, several roots and heads, no
 * order of the list.
 */
export function migrationsArbitrary(shape: GraphShape = {}): fc.Arbitrary<readonly Migration[]> {
  const { most = 9, sketch = fc.constant({}) } = shape
  return fc
    .integer({ min: 0, max: most })
    .chain((count) =>
      fc.record({
        numbers: fc.shuffledSubarray(
          Array.from({ length: count }, (_, place) => place),
          { minLength: count },
        ),
        edges: fc.array(fc.boolean(), { minLength: count * count, maxLength: count * count }),
        sketches: fc.array(sketch, { minLength: count, maxLength: count }),
        seed: fc.shuffledSubarray(
          Array.from({ length: count }, (_, place) => place),
          { minLength: count },
        ),
      }),
    )
    .map(({ numbers, edges, sketches, seed }) => {
      const count = numbers.length
      const ids = numbers.map((number) => `${number}_m`)
      const all = ids.map((id, place) => {
        const dependsOn = ids.slice(0, place).filter((_, other) => edges[place * count + other])
        return migration(id, { ...sketches[place], dependsOn })
      })
      return seed.flatMap((place) => all[place] ?? [])
    })
}
