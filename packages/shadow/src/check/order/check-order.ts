import { collectAncestors, type IncomparablePair, listIncomparable } from '@tidemark/core'
import type { CheckGround } from '../trial/check-ground.ts'
import { runTrials } from '../trial/run-trials.ts'
import { migrationAt } from '../trial/trial-graph.ts'
import { listTouched } from './footprint.ts'
import { observeAlone } from './observe-alone.ts'
import { observeMigrations } from './observe-migrations.ts'
import type { OrderReport } from './order-report.ts'
import type { PairResult, PairVerdict } from './pair-verdict.ts'
import { replayOrders } from './replay-orders.ts'
import { pairTrial } from './try-pair.ts'

/**
 * Shows whether any order that the graph permits gives the same schema and rows, for the migrations that are
 * checked: each of them against every other that no dependency orders.
 *
 * One replay in plan order tells what each migration may touch, and one run on its ancestors alone, where it may
 * do more. Pairs that may touch one another are executed
 * both ways on what both need. At last a few whole orders are replayed, for what shows only with three or more.
 */
export async function checkOrder(ground: CheckGround): Promise<OrderReport> {
  const { graph, checked } = ground
  const pairs = listIncomparable(collectAncestors(graph.dependencies), checked)
  if (pairs.length === 0) return { pairs: 0, results: [], replays: 0, unexplained: [], failed: [] }
  const { prefix, replayed, involved } = divide(ground, pairs)
  const { footprints: inPlanOrder, end, failed } = await observeMigrations(ground, prefix, replayed, involved)
  const footprints = await observeAlone(ground, inPlanOrder)
  const touching = pairs.flatMap((pair) => {
    const [a, b] = pair.map((index) => footprints.get(index))
    const touched = a === undefined || b === undefined ? [] : listTouched(a, b)
    return touched.length === 0 ? [] : [{ pair, touched }]
  })
  const readBy = (index: number) => footprints.get(index)?.reads ?? new Set<string>()
  const trials = touching.map(({ pair: [a, b] }) =>
    pairTrial(graph, [a, b], new Set([...readBy(a), ...readBy(b)])),
  )
  const verdicts: PairVerdict[] = []
  for await (const verdict of runTrials(ground, trials)) verdicts.push(verdict)
  const results = touching.map(({ pair: [a, b], touched }, place): PairResult => {
    const verdict = verdicts[place]
    if (verdict === undefined) throw new TypeError('every trial has a verdict')
    return { pair: [migrationAt(graph, a).id, migrationAt(graph, b).id], touched, verdict }
  })
  const settled = touching.filter((_, place) => isFinding(verdicts[place])).map(({ pair }) => pair)
  const report = {
    pairs: pairs.length,
    results,
    failed: failed.flatMap(({ index, failure }) =>
      failure === null ? [] : { migrationId: migrationAt(graph, index).id, failure },
    ),
  }
  if (failed.length > 0) return { ...report, replays: 1, unexplained: [] }
  const { count, unexplained } = await replayOrders(ground, { prefix, replayed, end, settled })
  return { ...report, replays: count + 1, unexplained }
}

function isFinding(verdict: PairVerdict | undefined): boolean {
  return verdict !== undefined && verdict.kind !== 'same'
}

interface Division {
  /** What comes before everything that is in a pair: the same in every order. */
  readonly prefix: readonly number[]
  /** Everything else that the pairs need, and they themselves. */
  readonly replayed: readonly number[]
  readonly involved: ReadonlySet<number>
}

function divide({ graph }: CheckGround, pairs: readonly IncomparablePair[]): Division {
  const ancestors = collectAncestors(graph.dependencies)
  const involved = new Set(pairs.flat())
  const needed = new Set([...involved].flatMap((index) => [...ancestors.list(index), index]))
  const all = [...needed].sort((a, b) => a - b)
  const isMoved = (index: number) =>
    involved.has(index) || [...involved].some((other) => ancestors.needs(index, other))
  return { prefix: all.filter((index) => !isMoved(index)), replayed: all.filter(isMoved), involved }
}
