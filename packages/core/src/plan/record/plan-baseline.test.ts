import { expect, test } from 'vitest'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { execute, expectOk, historyOf, problemsOf, stepsOf } from '../../../test/builders/history-builder.ts'
import { completedRow, migration } from '../../../test/builders/migration-builder.ts'
import { planApply } from '../apply/plan-apply.ts'
import { planBaseline } from './plan-baseline.ts'

const a = migration('1_a')
const b = migration('2_b', { dependsOn: ['1_a'] })
const c = migration('3_c', { dependsOn: ['1_a'] })
const d = migration('4_d', { dependsOn: ['2_b'] })
const graph = graphOf(a, b, c, d)

test('a baseline records what is named and all it needs, and leaves what is applied alone', () => {
  const plan = expectOk(planBaseline({ graph, history: historyOf(completedRow(a)), through: ['4_d'] }))
  expect(stepsOf(plan)).toEqual(['record 2_b as baseline', 'record 4_d as baseline'])
  expect(plan.leftOut).toEqual(['3_c'])
})

test('after a baseline a run applies the rest and nothing else', () => {
  const baseline = expectOk(planBaseline({ graph, history: { kind: 'absent' }, through: ['2_b'] }))
  const history = execute({ kind: 'absent' }, baseline)
  expect(stepsOf(expectOk(planApply({ graph, history })))).toEqual([
    'apply 3_c (pending)',
    'apply 4_d (pending)',
  ])
})

test('an unknown id is refused', () => {
  const result = planBaseline({ graph, history: { kind: 'absent' }, through: ['4_dd', '1_a'] })
  expect(result.ok || problemsOf(result.error)).toEqual(['error TM2007: no migration has the id "4_dd"'])
})
