import {
  buildGraph,
  listDescendants,
  type Migration,
  type MigrationId,
  planApply,
  refusedError,
} from '@tidemark/core'
import type { NotChecked } from '../port/shadow.ts'

/**
 * Puts migrations into the order in which `up` applies them to an empty database; those that a squash
 * replaces are left out.
 *
 * @throws TidemarkError TM2xxx with all problems of the graph.
 */
export function inPlanOrder(migrations: readonly Migration[]): readonly Migration[] {
  const graph = buildGraph(migrations, { elsewhere: 'included' })
  if (!graph.ok) throw refusedError(graph.error)
  const plan = planApply({ graph: graph.value, history: { kind: 'absent' } })
  if (!plan.ok) throw refusedError(plan.error)
  return plan.value.steps.flatMap((step) => (step.kind === 'apply' ? step.migration : []))
}

/** Lists what needs one of these migrations: what is not known of them is not known of it. */
export function listDependents(
  migrations: readonly Migration[],
  unknown: readonly MigrationId[],
): readonly NotChecked[] {
  const graph = buildGraph(migrations, { elsewhere: 'included' })
  if (!graph.ok) throw refusedError(graph.error)
  const reasons = new Map<MigrationId, MigrationId>()
  for (const id of unknown) {
    for (const { migration } of listDescendants(graph.value, [id])) {
      if (!unknown.includes(migration.id)) reasons.set(migration.id, reasons.get(migration.id) ?? id)
    }
  }
  return [...reasons].map(([migrationId, id]) => ({
    migrationId,
    why: `depends on "${id}", which was not checked`,
  }))
}
