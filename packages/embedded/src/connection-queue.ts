import { once } from 'node:events'

/** Lets one in at a time, in the order of asking. */
export interface ConnectionQueue {
  /**
   * Waits for the turn, and gives what ends it. Rejects as soon as the signal is aborted; then the place is
   * free again.
   */
  enter(signal: AbortSignal | undefined): Promise<() => void>
}

/** Makes an empty queue. */
export function createConnectionQueue(): ConnectionQueue {
  let last: Promise<void> = Promise.resolve()
  return {
    async enter(signal) {
      const before = last
      let leave = (): void => {}
      last = new Promise((resolve) => {
        leave = () => resolve(before)
      })
      try {
        await untilAborted(before, signal)
        return leave
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}

/** Rejects as soon as the signal is aborted. */
async function untilAborted(event: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return event
  const stopWaiting = new AbortController()
  const aborted = once(signal, 'abort', { signal: stopWaiting.signal }).then(
    () => signal.throwIfAborted(),
    () => undefined,
  )
  try {
    signal.throwIfAborted()
    await Promise.race([event, aborted])
  } finally {
    stopWaiting.abort()
  }
}
