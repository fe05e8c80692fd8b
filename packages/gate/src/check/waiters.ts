/** Callers that wait for the gate to open, each until its own signal aborts. */
export interface Waiters {
  readonly count: number
  wait(signal: AbortSignal | undefined): Promise<void>
  resolveAll(): void
  rejectAll(error: unknown): void
}

/** The longest time that a timer accepts, 24 days. */
const LONGEST_MS = 2 ** 31 - 1

/** Makes an empty set of waiters. While there are any, the process stays alive. */
export function createWaiters(): Waiters {
  const waiting = new Set<{ resolve(): void; reject(error: unknown): void }>()
  return {
    get count() {
      return waiting.size
    },
    async wait(signal) {
      signal?.throwIfAborted()
      const { promise, ...settle } = withResolvers()
      const abort = () => settle.reject(signal?.reason)
      waiting.add(settle)
      signal?.addEventListener('abort', abort, { once: true })
      const alive = setTimeout(() => undefined, LONGEST_MS)
      try {
        await promise
      } finally {
        waiting.delete(settle)
        signal?.removeEventListener('abort', abort)
        clearTimeout(alive)
      }
    },
    resolveAll() {
      for (const waiter of waiting) waiter.resolve()
    },
    rejectAll(error) {
      for (const waiter of waiting) waiter.reject(error)
    },
  }
}

function withResolvers() {
  let resolve: () => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone
    reject = onError
  })
  return { promise, resolve, reject }
}
