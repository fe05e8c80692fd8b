import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { within } from './within.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('gives what comes in time, and leaves no timer behind', async () => {
  expect(await within(2500, Promise.resolve('came'))).toBe('came')
  expect(vi.getTimerCount()).toBe(0)
})

test('gives nothing when the time is over', async () => {
  const late = within(2500, new Promise(() => undefined))
  await vi.advanceTimersByTimeAsync(2500)
  expect(await late).toBeUndefined()
  expect(vi.getTimerCount()).toBe(0)
})

test('hands a rejection on, and leaves no timer behind', async () => {
  await expect(within(2500, Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(vi.getTimerCount()).toBe(0)
})
