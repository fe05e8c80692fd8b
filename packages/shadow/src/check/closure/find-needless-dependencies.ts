import { collectAncestors, compareCatalogs } from '@tidemark/core'
import type { CheckGround } from '../trial/check-ground.ts'
import { runTrials, type Trial, type TrialBench } from '../trial/run-trials.ts'
import { migrationAt } from '../trial/trial-graph.ts'
import type { NeedlessDependency } from './closure-report.ts'

/**
 * Finds dependencies without effect: the migration runs without what only that dependency brings, and the schema
 * is the same when both are there, whichever came first.
 */
export async function findNeedlessDependencies(
  ground: CheckGround,
  checked: readonly number[],
): Promise<readonly NeedlessDependency[]> {
  const { graph } = ground
  const edges = checked.flatMap((index) => listRemovable(ground, index).map((one) => ({ index, ...one })))
  const needless: NeedlessDependency[] = []
  let place = 0
  for await (const isNeedless of runTrials(ground, edges.map(withoutTrial))) {
    const edge = edges[place]
    place += 1
    if (edge === undefined || !isNeedless) continue
    needless.push({
      migrationId: migrationAt(graph, edge.index).id,
      dependsOn: migrationAt(graph, edge.dependency).id,
    })
  }
  return needless
}

interface RemovableEdge {
  readonly dependency: number
  /** The other dependencies. */
  readonly others: readonly number[]
  /** What only this dependency brings, itself included, in plan order. */
  readonly brings: readonly number[]
}

/** Of a migration with several dependencies, none of which another one implies. */
function listRemovable({ graph }: CheckGround, index: number): readonly RemovableEdge[] {
  const dependencies = graph.dependencies[index] ?? []
  if (dependencies.length < 2) return []
  const ancestors = collectAncestors(graph.dependencies)
  return dependencies.flatMap((dependency) => {
    const others = dependencies.filter((one) => one !== dependency)
    const isKept = (node: number) => others.some((one) => one === node || ancestors.needs(one, node))
    const brings = [...ancestors.list(dependency), dependency].filter((node) => !isKept(node))
    return brings.length === 0 ? [] : [{ dependency, others, brings }]
  })
}

function withoutTrial({ index, others, brings }: RemovableEdge & { readonly index: number }): Trial<boolean> {
  return {
    needs: () => others,
    runs: [index, ...brings],
    async run(bench) {
      if (!(await runAll(bench, [index, ...brings]))) return false
      const before = await bench.read()
      await bench.reset()
      return (
        (await runAll(bench, [...brings, index])) && compareCatalogs(before, await bench.read()).length === 0
      )
    },
    onGroundFailure: () => false,
  }
}

async function runAll(bench: TrialBench, order: readonly number[]): Promise<boolean> {
  for (const index of order) if ((await bench.run(index, 'up')) !== null) return false
  return true
}
