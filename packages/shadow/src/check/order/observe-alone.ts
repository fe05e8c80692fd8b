import {
  compareCatalogs,
  compareSamples,
  type Migration,
  parseSessionSample,
  SESSION_SAMPLE_QUERY,
  type SessionSample,
} from '@tidemark/core'
import type { CheckGround } from '../trial/check-ground.ts'
import { runTrials, type Trial, type TrialBench } from '../trial/run-trials.ts'
import { migrationAt } from '../trial/trial-graph.ts'
import { type Footprint, joinFootprints, readFootprint, unknownFootprint } from './footprint.ts'

/**
 * Adds to footprints what migrations do on their ancestors alone. `CREATE TABLE IF NOT EXISTS` does nothing in plan
 * order where an earlier migration has made the table, and makes it where it comes first.
 */
export async function observeAlone(
  ground: CheckGround,
  footprints: ReadonlyMap<number, Footprint>,
): Promise<ReadonlyMap<number, Footprint>> {
  const known = [...footprints].sort(([a], [b]) => a - b)
  const joined = new Map<number, Footprint>()
  const trials = known.map(([index]) => aloneTrial(index, migrationAt(ground.graph, index)))
  for await (const alone of runTrials(ground, trials)) {
    const [index, footprint] = known[joined.size] ?? []
    if (index !== undefined && footprint !== undefined) joined.set(index, joinFootprints(footprint, alone))
  }
  return joined
}

function aloneTrial(index: number, migration: Migration): Trial<Footprint> {
  return {
    needs: ({ dependencies }) => dependencies[index] ?? [],
    runs: [index],
    async run(bench) {
      const before = await bench.read()
      const start = await takeSample(bench)
      if ((await bench.run(index, 'up')) !== null) return unknownFootprint(migration)
      const effects = [compareSamples({ start, before: start, after: await takeSample(bench) })]
      const after = await bench.read()
      const differences = compareCatalogs(before, after)
      return readFootprint({ migration, differences, effects, catalogs: [before, after] })
    },
    onGroundFailure: () => unknownFootprint(migration),
  }
}

async function takeSample(bench: TrialBench): Promise<SessionSample> {
  const [row] = await bench.query<{ readonly sample: string }>(SESSION_SAMPLE_QUERY)
  return parseSessionSample(row?.sample ?? '')
}
