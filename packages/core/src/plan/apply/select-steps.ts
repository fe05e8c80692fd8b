import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { findNode, nodeAt } from '../../graph/migration-graph.ts'
import { listWithAncestors } from '../../graph/reach.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import type { ApplyOptions } from '../pending/apply-options.ts'
import type { PlanStep } from '../plan/plan.ts'

/**
 * Takes the steps that the options ask for, in their order. Target and tags take along what they need, and
 * the `Run: on_change` migrations that must follow one of them.
 */
export function selectSteps(
  graph: MigrationGraph,
  steps: readonly PlanStep[],
  options: ApplyOptions,
): readonly PlanStep[] {
  const asked = [...narrowings(graph, options)]
  const chosen = asked.reduce((left, wanted) => keepWanted(graph, left, wanted), steps)
  const blocking =
    options.blocking === true
      ? chosen.filter((step) => findNode(graph, step.id)?.migration.header.blocking === true)
      : chosen
  return blocking.slice(0, options.steps ?? blocking.length)
}

function* narrowings(graph: MigrationGraph, options: ApplyOptions): Iterable<ReadonlySet<MigrationId>> {
  if (options.target !== undefined) yield closure(graph, [options.target])
  const { tags } = options
  if (tags === undefined || tags.length === 0) return
  const tagged = graph.nodes.filter(({ migration }) =>
    migration.header.tags.some((tag) => tags.includes(tag)),
  )
  yield closure(
    graph,
    tagged.map((node) => node.migration.id),
  )
}

function closure(graph: MigrationGraph, ids: readonly MigrationId[]): ReadonlySet<MigrationId> {
  return new Set(listWithAncestors(graph, ids).map((node) => node.migration.id))
}

function keepWanted(
  graph: MigrationGraph,
  steps: readonly PlanStep[],
  wanted: ReadonlySet<MigrationId>,
): readonly PlanStep[] {
  const kept = new Set<MigrationId>()
  return steps.filter((step) => {
    if (!wanted.has(step.id) && !follows(graph, step, kept)) return false
    kept.add(step.id)
    return true
  })
}

function follows(graph: MigrationGraph, step: PlanStep, kept: ReadonlySet<MigrationId>): boolean {
  if (step.kind !== 'apply' || step.reason !== 'dependency_changed') return false
  const dependencies = findNode(graph, step.id)?.dependencies ?? []
  return dependencies.some((place) => kept.has(nodeAt(graph, place).migration.id))
}
