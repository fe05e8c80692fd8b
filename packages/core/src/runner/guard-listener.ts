import type { RunnerOptions } from './runner-options.ts'

/**
 * Wraps a function that only listens to a run: what it throws, or the promise that it returns rejects with,
 * never reaches the run, and is warned of once.
 *
 * @param who such as `onEvent`
 * @example guardListener('onEvent', () => { throw new Error('no pipe') }, () => undefined)('event') // undefined
 */
export function guardListener<A extends readonly unknown[]>(
  who: string,
  listen: (...given: A) => unknown,
  warn: NonNullable<RunnerOptions['warn']>,
): (...given: A) => void {
  let isWarned = false
  const failed = (error: unknown): void => {
    if (isWarned) return
    isWarned = true
    const reason = error instanceof Error ? error.message : String(error)
    try {
      warn(`${who} failed, and the run goes on without it: ${reason}`)
    } catch {
      // There is nobody left to say it to.
    }
  }
  return (...given) => {
    try {
      const answer = listen(...given)
      if (answer instanceof Promise) answer.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
