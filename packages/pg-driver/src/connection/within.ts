import { wait } from './wait.ts'

/**
 * Waits for a promise, at most so long. The timer ends with the wait: what is left of it would keep a process alive that has
 * nothing else to do.
 *
 * @returns what the promise gives, or undefined when the time is over first.
 * @example await within(2500, ended)
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const over = new AbortController()
  const limit = wait(ms, over.signal).then(
    () => undefined,
    () => undefined,
  )
  try {
    return await Promise.race([promise, limit])
  } finally {
    over.abort()
  }
}
