import { expect, test } from 'vitest'
import { completedRow, migration } from '../../test/builders/migration-builder.ts'
import { buildGraph } from '../graph/build-graph.ts'
import type { MigrationGraph } from '../graph/migration-graph.ts'
import type { Migration } from '../migration/migration.ts'
import { planApply } from './plan-apply.ts'

function graphOf(...migrations: readonly Migration[]): MigrationGraph {
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new Error(JSON.stringify(graph.error))
  return graph.value
}

test('a late branch is applied although later files are (I3)', () => {
  const a = migration('001_a')
  const b = migration('002_b', { dependsOn: ['001_a'] })
  const c = migration('003_c', { dependsOn: ['001_a'] })
  const plan = planApply({
    graph: graphOf(c, b, a),
    history: { kind: 'present', rows: [completedRow(a), completedRow(c)] },
  })
  expect(plan.ok && plan.value.steps.map((step) => [step.kind, step.id])).toEqual([['apply', '002_b']])
  expect(plan.ok && plan.value.findings).toEqual([])
})
