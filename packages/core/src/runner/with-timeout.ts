/** Options of {@link withTimeout}. */
export interface WithTimeoutOptions<T> {
  readonly limitMs: number
  /** Gives the result, or throws, when the time is over first. */
  readonly onTimeout: () => T
  /** `exit`: the timer does not keep the process alive. Default: `wait`. */
  readonly process?: 'wait' | 'exit'
}

/**
 * Waits for a promise, at most so long; its late result is ignored. The timer ends with the wait: left
 * behind, it would keep a process alive that has nothing else to do.
 *
 * @example await withTimeout(Promise.resolve('ended'), { limitMs: 2500, onTimeout: () => 'late' }) // 'ended'
 */
export async function withTimeout<T, U>(
  work: Promise<T>,
  { limitMs, onTimeout, process = 'wait' }: WithTimeoutOptions<U>,
): Promise<T | U> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'timeout')
    if (process === 'exit') timer.unref?.()
  })
  try {
    const first = await Promise.race([work.then((result) => ({ result })), limit])
    return first === 'timeout' ? onTimeout() : first.result
  } finally {
    clearTimeout(timer)
  }
}
