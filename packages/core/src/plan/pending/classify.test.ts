import { expect, test } from 'vitest'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { historyOf } from '../../../test/builders/history-builder.ts'
import { completedRow, migration } from '../../../test/builders/migration-builder.ts'
import { classify } from './classify.ts'
import { listPending } from './list-pending.ts'

test('every file and every applied row has one state, files in order and orphans last', () => {
  const file = (id: string) => migration(id)
  const view = migration('7_view', { run: 'on_change', up: 'SELECT 7;' })
  const old = migration('8_old', { run: 'on_change', up: 'SELECT 8;' })
  const graph = graphOf(
    ...['1_applied', '2_changed', '3_failed', '4_running', '5_new', '6_back', '6_half'].map(file),
    view,
    old,
  )
  const history = historyOf(
    completedRow(file('9_orphan')),
    completedRow(file('1_applied')),
    completedRow(migration('2_changed', { up: 'SELECT 0;' })),
    completedRow(file('3_failed'), { status: 'failed' }),
    completedRow(file('4_running'), { status: 'running', direction: 'up' }),
    completedRow(file('6_back'), { status: 'rolled_back' }),
    completedRow(file('6_half'), { status: 'failed', direction: 'down', statementsDone: 0 }),
    completedRow(file('9_half'), { status: 'running', direction: 'down', statementsDone: 1 }),
    completedRow(migration('7_view', { run: 'on_change' })),
    completedRow(migration('8_old', { run: 'on_change' }), { earlierChecksums: [old.checksum] }),
    completedRow(file('99_never'), { status: 'pending' }),
  )
  const states = [...classify({ graph, history })].map(([id, state]) => [
    id,
    state.kind === 'pending' ? `${state.kind}: ${state.reason}` : state.kind,
  ])
  expect(states).toEqual([
    ['1_applied', 'applied'],
    ['2_changed', 'changed'],
    ['3_failed', 'failed'],
    ['4_running', 'running'],
    ['5_new', 'pending: pending'],
    ['6_back', 'pending: pending'],
    ['6_half', 'half_rolled_back'],
    ['7_view', 'pending: changed'],
    ['8_old', 'older'],
    ['9_half', 'half_rolled_back'],
    ['9_orphan', 'orphaned'],
  ])
  expect(listPending({ graph, history }).map((one) => one.id)).toEqual([
    '3_failed',
    '4_running',
    '5_new',
    '6_back',
    '6_half',
    '7_view',
  ])
})

test('an applied squash counts as its replaced ids, until it is rolled back', () => {
  const a = migration('1_a')
  const squash = migration('2_squash', { replaces: ['1_a'] })
  const setAside = completedRow(a, { replacedBy: '2_squash' })
  const history = historyOf(setAside, completedRow(squash))
  expect([...classify({ graph: graphOf(squash), history })].map(([id, { kind }]) => [id, kind])).toEqual([
    ['2_squash', 'applied'],
  ])
  expect(classify({ graph: graphOf(a), history: historyOf(completedRow(squash)) }).get('1_a')).toEqual({
    kind: 'applied',
    migration: a,
    row: completedRow(squash),
  })
  const back = historyOf(setAside, completedRow(squash, { status: 'rolled_back' }))
  expect(classify({ graph: graphOf(squash), history: back }).get('2_squash')?.kind).toBe('pending')
  expect(classify({ graph: graphOf(a), history: back }).get('1_a')?.kind).toBe('pending')
})
