/**
 * Waits, unless the signal ends it before.
 *
 * @throws the signal's reason.
 */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/**
 * A delay that doubles with each attempt up to a limit, half of it random: runners that wait for the same thing spread out.
 *
 * @example backoffMs(3, { firstMs: 100, limitMs: 1000 }) // 200 to 400
 */
export function backoffMs(
  attempt: number,
  { firstMs, limitMs }: { readonly firstMs: number; readonly limitMs: number },
): number {
  const full = Math.min(limitMs, firstMs * 2 ** (attempt - 1))
  return full / 2 + Math.random() * (full / 2)
}
