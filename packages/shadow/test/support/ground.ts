import { buildGraph, type Migration, type MigrationId } from '@tidemark/core'
import type { CheckGround } from '../../src/check/trial/check-ground.ts'
import { narrowGraph } from '../../src/check/trial/trial-graph.ts'
import type { TestEngine } from './engines.ts'

/** Makes what the parts of a check work on; default: everything is checked. */
export function groundOf(
  engine: TestEngine,
  migrations: readonly Migration[],
  checked?: readonly MigrationId[],
): CheckGround {
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new TypeError(graph.error.map(({ message }) => message).join('; '))
  const narrowed = narrowGraph(graph.value, () => true)
  return {
    graph: narrowed,
    checked: new Set(
      narrowed.migrations.flatMap(({ id }, index) =>
        checked === undefined || checked.includes(id) ? [index] : [],
      ),
    ),
    open: (prefix) => engine.open(prefix),
    trackingSchema: 'public',
  }
}
