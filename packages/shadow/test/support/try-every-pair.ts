import { collectAncestors, listIncomparable, type Migration } from '@tidemark/core'
import { listTouched } from '../../src/check/order/footprint.ts'
import { observeAlone } from '../../src/check/order/observe-alone.ts'
import { observeMigrations } from '../../src/check/order/observe-migrations.ts'
import { pairTrial } from '../../src/check/order/try-pair.ts'
import { runTrials } from '../../src/check/trial/run-trials.ts'
import type { TestEngine } from './engines.ts'
import { groundOf } from './ground.ts'
import { randomProject } from './random-project.ts'

/** What executing every pair of a random project showed. */
export interface EveryPair {
  readonly pairs: number
  /** Pairs whose order matters. */
  readonly differing: number
  /** Those of them that the filter would have left out. */
  readonly escaped: readonly unknown[]
}

/** Executes every pair both ways, also those that the filter leaves out and `check` never executes. */
export async function tryEveryPair(engine: TestEngine, seed: number, count: number): Promise<EveryPair> {
  const { ground, inPlanOrder } = await observeAll(engine, randomProject(seed, count))
  const footprints = await observeAlone(ground, inPlanOrder)
  const pairs = listIncomparable(collectAncestors(ground.graph.dependencies))
  const tables = new Set(['t0', 't1', 't2', 't3', 'n0', 'n1', 'n2', 'n3', 'log', ...ownTables(count)])
  const trials = pairs.map((pair) => pairTrial(ground.graph, pair, tables))
  const escaped: unknown[] = []
  let differing = 0
  let place = 0
  for await (const verdict of runTrials(ground, trials)) {
    const [a, b] = pairs[place] ?? [0, 0]
    place += 1
    if (verdict.kind === 'same') continue
    differing += 1
    const [first, second] = [footprints.get(a), footprints.get(b)]
    if (first === undefined || second === undefined || listTouched(first, second).length === 0) {
      escaped.push({ verdict, texts: [a, b].map((index) => ground.graph.migrations[index]?.source.text) })
    }
  }
  return { pairs: pairs.length, differing, escaped }
}

/** What fails in plan order, and what needs it, is left out: such a check is of no project that runs. */
async function observeAll(engine: TestEngine, project: readonly Migration[]) {
  const ground = groundOf(engine, project)
  const all = new Set(ground.graph.migrations.keys())
  const { footprints, failed } = await observeMigrations(ground, [], [...all], all)
  if (failed.length === 0) return { ground, inPlanOrder: footprints }
  const left = new Set(failed.map(({ index }) => ground.graph.migrations[index]?.id))
  return observeAll(
    engine,
    project.filter(({ id }) => !left.has(id)),
  )
}

function ownTables(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `own${index}`)
}
