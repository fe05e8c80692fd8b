import { expect, test } from 'vitest'
import { compareSnapshots, type Snapshot } from './snapshot.ts'

const empty: Snapshot = { catalog: [], data: [], rows: [], completions: [], summary: [], locks: [] }

test('equal snapshots differ in nothing', () => {
  expect(compareSnapshots({ ...empty, data: ['t (1)'] }, { ...empty, data: ['t (1)'] })).toEqual([])
})

test('a row too much, one that is missing and one that is there twice are told', () => {
  const expected = { ...empty, data: ['t (1)', 't (2)'], completions: ['001_a completed 1'] }
  const found = { ...empty, data: ['t (1)', 't (1)', 't (3)'], completions: [] }
  expect(compareSnapshots(expected, found)).toEqual([
    '- data: t (2)',
    '+ data: t (1)',
    '+ data: t (3)',
    '- completions: 001_a completed 1',
  ])
})
