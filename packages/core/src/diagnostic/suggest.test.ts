import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance } from './edit-distance.ts'
import { suggest } from './suggest.ts'

test.each([
  ['005_users', ['001_posts', '005_user'], '005_user'],
  ['005_users', ['012_users'], '012_users'],
  ['users', ['012_users'], '012_users'],
  ['create_tabel', ['create_table', 'create_index'], 'create_table'],
  ['Custom_SQL', ['custom_sql'], 'custom_sql'],
  ['stats', ['status', 'start'], 'status'],
  ['ab', ['ba'], 'ba'],
  ['001_user', ['002_users', '001_users'], '001_users'],
  ['20240102_init', ['20240101_init'], '20240101_init'],
])('%s most likely meant one of %j: %s', (word, candidates, meant) => {
  expect(suggest(word, candidates)).toBe(meant)
})

test.each([
  ['001_users', ['001_posts', '002_orders']],
  ['up', ['down']],
  ['123', ['456']],
  ['a', ['b', 'c']],
  ['', ['a']],
  ['001_a', ['001_b']],
  ['1234567_x', ['1234565_y']],
  ['20240105_fix', ['20240101_run', '20240109_tip']],
  ['5000_thing', ['1111_thing', '2222_thing']],
])('%s is like none of %j', (word, candidates) => {
  expect(suggest(word, candidates)).toBeUndefined()
})

test('a distance under the limit is exact, and never more than the limit and one', () => {
  const word = fc.stringMatching(/^[ab]{0,5}$/)
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 4 }), (a, b, limit) => {
      expect(editDistance(a, b, limit)).toBe(Math.min(naiveDistance(a, b), limit + 1))
    }),
    { numRuns: 1000 },
  )
})

function naiveDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const choices = [
    naiveDistance(a.slice(1), b) + 1,
    naiveDistance(a, b.slice(1)) + 1,
    naiveDistance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
  ]
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0])
    choices.push(naiveDistance(a.slice(2), b.slice(2)) + 1)
  return Math.min(...choices)
}
