import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareIds } from './compare-ids.ts'

const idArbitrary = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,6}$/)

test('numbers in ids are ordered by value, whatever their width', () => {
  const ids = ['10_a', '9_a', '007_a', '7_b', '7_a', '1_z', 'a10', 'a9', 'B', 'a']
  expect([...ids].sort(compareIds)).toEqual([
    '1_z',
    '007_a',
    '7_a',
    '7_b',
    '9_a',
    '10_a',
    'B',
    'a',
    'a9',
    'a10',
  ])
})

test('numbers beyond every number type are ordered by value', () => {
  const low = `${'9'.repeat(200)}_a`
  const high = `1${'0'.repeat(200)}_a`
  expect([high, low].sort(compareIds)).toEqual([low, high])
  expect(compareIds('20260101000000123456789', '20260101000000123456790')).toBeLessThan(0)
})

test('letters are ordered by code unit, not by a locale', () => {
  expect(['b', 'a', 'B', 'A', 'z', '_'].sort(compareIds)).toEqual(['A', 'B', '_', 'a', 'b', 'z'])
})

test('it is a total order in which only equal ids are equal', () => {
  fc.assert(
    fc.property(idArbitrary, idArbitrary, idArbitrary, (a, b, c) => {
      expect(Math.sign(compareIds(a, b)) + Math.sign(compareIds(b, a))).toBe(0)
      expect(compareIds(a, b) === 0).toBe(a === b)
      if (compareIds(a, b) <= 0 && compareIds(b, c) <= 0) expect(compareIds(a, c)).toBeLessThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
})
