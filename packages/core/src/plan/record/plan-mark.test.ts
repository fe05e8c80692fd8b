import { expect, test } from 'vitest'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { expectOk, historyOf, problemsOf, stepsOf } from '../../../test/builders/history-builder.ts'
import { batchProgress, completedRow, migration } from '../../../test/builders/migration-builder.ts'
import { type MarkAs, planMark } from './plan-mark.ts'

const a = migration('1_a')
const b = migration('2_b', { dependsOn: ['1_a'] })
const gone = migration('3_gone', { dependsOn: ['2_b'] })
const graph = graphOf(a, b)

function mark(as: MarkAs, ids: readonly string[], ...rows: readonly ReturnType<typeof completedRow>[]) {
  const result = planMark({ graph, history: historyOf(...rows), ids, as })
  if (!result.ok) return problemsOf(result.error)
  return [...stepsOf(result.value), ...problemsOf(result.value.findings)]
}

test('a migration is marked completed without executing it, with a warning where its dependencies are not', () => {
  expect(mark('completed', ['1_a'])).toEqual(['record 1_a as mark'])
  expect(mark('completed', ['2_b', '1_a'])).toEqual(['record 2_b as mark', 'record 1_a as mark'])
  expect(mark('completed', ['2_b'])).toEqual([
    'record 2_b as mark',
    'warning TM4011: "2_b" is marked, but "1_a", which it depends on, is not applied',
  ])
})

test('what is so already is refused, and nothing else is marked with it', () => {
  expect(mark('completed', ['1_a', '2_b'], completedRow(a))).toEqual([
    'error TM7014: "1_a" is already applied',
  ])
  expect(mark('pending', ['1_a'], completedRow(a, { status: 'pending' }))).toEqual([
    'error TM7014: "1_a" is already pending',
  ])
  expect(mark('rolled_back', ['1_a'])).toEqual(['error TM7014: "1_a" is already pending'])
  expect(mark('rolled_back', ['1_a'], completedRow(a, { status: 'rolled_back' }))).toEqual([
    'error TM7014: "1_a" is already rolled back',
  ])
  expect(mark('pending', ['1_a'], completedRow(a, { status: 'failed' }))).toEqual(['unrecord 1_a as pending'])
})

test('a walk in batches that was stopped is pending, and can be marked to start over', () => {
  const row = completedRow(a, { status: 'pending', progress: batchProgress })
  expect(mark('pending', ['1_a'], row)).toEqual(['unrecord 1_a as pending'])
  expect(mark('rolled_back', ['1_a'], row)).toEqual(['unrecord 1_a as rolled_back'])
})

test('a row that a squash set aside is refused by the name of the squash', () => {
  const squash = migration('9_squash', { replaces: ['1_a', '2_b'] })
  const rows = [completedRow(a, { replacedBy: '9_squash' }), completedRow(squash)]
  const result = planMark({
    graph: graphOf(squash),
    history: historyOf(...rows),
    ids: ['1_a'],
    as: 'pending',
  })
  expect(result.ok ? [] : problemsOf(result.error)).toEqual([
    'error TM6005: "1_a" is part of the squash "9_squash" and cannot be rolled back on its own',
  ])
})

test('a migration is marked as not applied, also without a file, with a warning where others depend on it', () => {
  const rows = [completedRow(a), completedRow(b), completedRow(gone)]
  expect(mark('rolled_back', ['3_gone'], ...rows)).toEqual(['unrecord 3_gone as rolled_back'])
  expect(mark('pending', ['2_b'], ...rows)).toEqual([
    'unrecord 2_b as pending',
    'warning TM4011: "2_b" is marked, but "3_gone", which depends on it, stays applied',
  ])
})

test('what nobody knows cannot be marked, nor what has no file be marked completed', () => {
  expect(mark('pending', ['5_x'])).toEqual(['error TM2007: no migration has the id "5_x"'])
  expect(mark('completed', ['3_gone'], completedRow(gone, { status: 'rolled_back' }))).toEqual([
    'error TM4002: "3_gone" has no file, so there is nothing to record',
  ])
  expect(expectOk(planMark({ graph, history: { kind: 'absent' }, ids: [], as: 'pending' })).steps).toEqual([])
})
