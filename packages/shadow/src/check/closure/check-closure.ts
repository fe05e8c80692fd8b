import { collectAncestors, listIncomparable } from '@tidemark/core'
import type { CheckGround } from '../trial/check-ground.ts'
import { type GroundFailure, runTrials, type Trial } from '../trial/run-trials.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import { migrationAt, type TrialGraph } from '../trial/trial-graph.ts'
import type { ClosureReport, MissingDependency } from './closure-report.ts'
import { findMissingDependencies } from './find-missing-dependencies.ts'
import { findNeedlessDependencies } from './find-needless-dependencies.ts'

/**
 * Shows that each migration that is checked succeeds with its declared ancestors alone. Where one does not, the
 * dependency that it lacks is found by executing it on more and more of what comes before it in plan order.
 *
 * One that needs, or is needed by, every other is not executed again: what comes before it in plan order is what it
 * declares.
 */
export async function checkClosure(ground: CheckGround): Promise<ClosureReport> {
  const checked = [...ground.checked].sort((a, b) => a - b)
  // What is found counts for those that come after.
  const dependencies = ground.graph.dependencies.map((list) => [...list])
  const graph: TrialGraph = { migrations: ground.graph.migrations, dependencies }
  const missing: MissingDependency[] = []
  const notChecked: { readonly migrationId: string; readonly why: string }[] = []
  const unordered = new Set(listIncomparable(collectAncestors(dependencies), ground.checked).flat())
  const tried = checked.filter((index) => unordered.has(index))
  const outcomes = runTrials({ ...ground, graph }, tried.map(aloneTrial))
  try {
    for (const index of tried) {
      const { value: outcome } = await outcomes.next()
      const migrationId = migrationAt(graph, index).id
      if (outcome?.kind === 'not_checked')
        notChecked.push({ migrationId, why: describeGround(graph, outcome) })
      if (outcome?.kind !== 'fails') continue
      const found = await findMissingDependencies({ ...ground, graph }, index)
      dependencies[index]?.push(...found)
      const needs = found.map((one) => migrationAt(graph, one).id)
      missing.push({ migrationId, needs, failure: outcome.failure })
    }
  } finally {
    // Its shadow is open until then.
    await outcomes.return(undefined)
  }
  const needless = await findNeedlessDependencies({ ...ground, graph }, checked)
  return { executed: checked.length - notChecked.length, missing, needless, notChecked }
}

type Alone =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'fails'; readonly failure: TrialFailure }
  | ({ readonly kind: 'not_checked' } & GroundFailure)

/** A migration on what it declares to need. */
function aloneTrial(index: number): Trial<Alone> {
  return {
    needs: ({ dependencies }) => dependencies[index] ?? [],
    runs: [index],
    async run(bench) {
      const failure = await bench.run(index, 'up')
      return failure === null ? { kind: 'succeeds' } : { kind: 'fails', failure }
    },
    onGroundFailure: (ground) => ({ kind: 'not_checked', ...ground }),
  }
}

function describeGround(graph: TrialGraph, { index, failure }: GroundFailure): string {
  return `"${migrationAt(graph, index).id}", which it needs, cannot be applied with its ancestors alone: ${failure.message}`
}
