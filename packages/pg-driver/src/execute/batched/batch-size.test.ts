import { expect, test } from 'vitest'
import { CAREFULLY, FREELY, halvedSize, nextSize } from './batch-size.ts'

const next = (size: number, durationMs: number, more: { isBlocking?: boolean; growth?: number } = {}) =>
  nextSize({ size, durationMs, targetMs: 500, isBlocking: false, growth: FREELY, ...more })

test('the size follows the time, at most twice and at least half of the one before', () => {
  expect([next(1000, 400), next(1000, 10), next(1000, 900), next(1000, 60_000)]).toEqual([
    1250, 2000, 556, 500,
  ])
})

test('it stays between 100 and 100,000 rows', () => {
  expect([next(80_000, 1), next(120, 60_000), halvedSize(150), halvedSize(3001)]).toEqual([
    100_000, 100, 100, 1501,
  ])
})

test('where others wait it is halved whatever the time, and then grows slowly', () => {
  expect(next(1000, 10, { isBlocking: true })).toBe(500)
  expect(next(500, 10, { growth: CAREFULLY })).toBe(510)
})
