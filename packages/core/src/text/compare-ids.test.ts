import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareIds } from './compare-ids.ts'

test('digits count by value, all else by code unit', () => {
  const sorted = [
    '1',
    '2_b',
    '002_c',
    '10',
    '10_a',
    '10_b',
    '99999999999999999998',
    '99999999999999999999',
    'B',
    'a2',
    'a10',
    'b',
  ]
  expect(sorted.toReversed().sort(compareIds)).toEqual(sorted)
})

test('ids that differ in leading zeros alone have a fixed order', () => {
  expect(['1', '01', '001'].sort(compareIds)).toEqual(['001', '01', '1'])
})

const id = fc.stringMatching(/^[A-Ba-b0-2._-]{0,6}$/)

test('the order is total', () => {
  fc.assert(
    fc.property(id, id, id, (a, b, c) => {
      expect(Math.sign(compareIds(a, b))).toBe(-Math.sign(compareIds(b, a)) + 0)
      expect(compareIds(a, b) === 0).toBe(a === b)
      if (compareIds(a, b) <= 0 && compareIds(b, c) <= 0) expect(compareIds(a, c)).toBeLessThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
})

/** Part by part, as the rule says it. */
function compareParts(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.match(/[0-9]+|[^0-9]/g) ?? [])
  for (const [index, part] of (left ?? []).entries()) {
    const other = right?.[index]
    if (other === undefined) return 1
    const order =
      /[0-9]/.test(part) && /[0-9]/.test(other)
        ? Number(BigInt(part) - BigInt(other))
        : part.charCodeAt(0) - other.charCodeAt(0)
    if (order !== 0) return order
  }
  if ((left?.length ?? 0) < (right?.length ?? 0)) return -1
  return a < b ? -1 : a > b ? 1 : 0
}

test('the order is that of the parts, one after another', () => {
  fc.assert(
    fc.property(id, id, id, (start, a, b) => {
      const [left, right] = [start + a, start + b]
      expect(Math.sign(compareIds(left, right))).toBe(Math.sign(compareParts(left, right)))
    }),
    { numRuns: 5000 },
  )
})
