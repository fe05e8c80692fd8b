import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withTimeout } from './with-timeout.ts'

const within = <T>(work: Promise<T>) => withTimeout(work, { limitMs: 2500, onTimeout: () => 'late' })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('gives what comes in time, and leaves no timer behind', async () => {
  expect(await within(Promise.resolve('came'))).toBe('came')
  expect(vi.getTimerCount()).toBe(0)
})

test('gives what is for that when the time is over', async () => {
  const late = within(new Promise(() => undefined))
  await vi.advanceTimersByTimeAsync(2500)
  expect(await late).toBe('late')
  expect(vi.getTimerCount()).toBe(0)
})

test('hands a rejection on, and leaves no timer behind', async () => {
  await expect(within(Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(vi.getTimerCount()).toBe(0)
})
