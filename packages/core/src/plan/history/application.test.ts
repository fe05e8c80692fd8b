import { expect, test } from 'vitest'
import { type AttemptParts, attemptsOf } from '../../../test/builders/attempt-builder.ts'
import { historyOf, minute } from '../../../test/builders/history-builder.ts'
import { completedRow, migration } from '../../../test/builders/migration-builder.ts'
import { readApplications, withApplications } from './application.ts'

const placesOf = (...parts: readonly AttemptParts[]) =>
  Object.fromEntries(
    [...readApplications(attemptsOf(...parts))].map(([id, { sequence, how, runId }]) => [
      id,
      [sequence, how, runId],
    ]),
  )

test('running again and repairing change nothing of where a migration is, rolling back does', () => {
  expect(
    placesOf(
      { migrationId: 'a', runId: '1' },
      { migrationId: 'b', runId: '1' },
      { migrationId: 'a', runId: '2' },
      { migrationId: 'a', runId: '3', direction: 'repair' },
      { migrationId: 'b', runId: '4', direction: 'down', status: 'rolled_back' },
      { migrationId: 'b', runId: '5', status: 'failed' },
      { migrationId: 'b', runId: '6' },
    ),
  ).toEqual({ a: [1, 'executed', '1'], b: [7, 'executed', '6'] })
})

test('a renamed migration is where it was, in whichever order the two rows are written', () => {
  const parts = [
    {
      migrationId: 'b',
      runId: '2',
      status: 'rolled_back',
      direction: 'repair',
      details: { renamed_to: 'a2' },
    },
    { migrationId: 'a2', runId: '2', direction: 'repair', details: { renamed_from: 'b' } },
  ] as const
  const applied = { migrationId: 'b', runId: '1' }
  expect(placesOf(applied, ...parts)).toEqual({ a2: [1, 'executed', '1'] })
  expect(placesOf(applied, ...[...parts].reverse())).toEqual({ a2: [1, 'executed', '1'] })
})

test('baselines and marks are recorded; what the upgrade or an adoption wrote was executed', () => {
  expect(
    placesOf(
      { migrationId: 'a', direction: 'baseline' },
      { migrationId: 'b', direction: 'mark' },
      { migrationId: 'c', direction: 'baseline', details: { upgrade: true } },
      { migrationId: 'd', direction: 'repair' },
    ),
  ).toEqual({
    a: [1, 'recorded', null],
    b: [2, 'recorded', null],
    c: [3, 'executed', null],
    d: [4, 'executed', null],
  })
})

test('a squash is where the last of what it replaced was, and of its run only if that is one', () => {
  const squash = migration('9_squash', { replaces: ['1_a', '2_b'] })
  const history = historyOf(
    completedRow(migration('1_a'), { replacedBy: '9_squash' }),
    completedRow(migration('2_b'), { replacedBy: '9_squash' }),
    completedRow(squash, { appliedAt: minute(9) }),
  )
  const applicationOf = (second: string, direction: 'up' | 'baseline') => {
    const attempts = attemptsOf(
      { migrationId: '1_a', runId: '1', direction },
      { migrationId: '2_b', runId: second },
      { migrationId: '3_c', runId: second },
      { migrationId: '9_squash', runId: '4', direction: 'mark', details: { as: 'squash' } },
    )
    const known = withApplications(history, attempts)
    return known.kind === 'present' ? known.rows.find(({ id }) => id === '9_squash')?.application : undefined
  }
  expect(applicationOf('1', 'up')).toMatchObject({ sequence: 2, how: 'executed', runId: '1' })
  expect(applicationOf('2', 'up')).toMatchObject({ sequence: 2, how: 'executed', runId: null })
  expect(applicationOf('1', 'baseline')).toMatchObject({ how: 'recorded' })
})
