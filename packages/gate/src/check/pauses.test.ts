import { afterEach, expect, test, vi } from 'vitest'
import { createPauses } from './pauses.ts'

afterEach(() => void vi.restoreAllMocks())

const limits = { minMs: 500, maxMs: 2000 }

test('the pause grows by half up to the longest, and starts again once checks were not wanted often', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const next = createPauses(limits)
  expect([1, 2, 3, 4, 5, 6].map(() => next('often'))).toEqual([500, 750, 1125, 1687.5, 2000, 2000])
  expect([next('seldom'), next('never'), next('often')]).toEqual([2000, undefined, 500])
})

test('each pause is shortened by up to a quarter, and never below the shortest', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1)
  const next = createPauses(limits)
  expect([next('often'), next('often'), next('seldom')]).toEqual([500, 562.5, 1500])
})
