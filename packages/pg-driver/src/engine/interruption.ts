/** What a signal means for one connection: it ends what the connection runs, once, whatever that is. */
export interface Interruption {
  readonly signal: AbortSignal | undefined
  /**
   * Set once the signal was given: settles when the server process is gone, false when that could not be made
   * sure of.
   */
  readonly ended: () => Promise<boolean> | undefined
  /** From now on the signal means nothing. */
  stop(): void
}

/** Ends a connection by `end` as soon as the signal is given. */
export function watchInterruption(
  signal: AbortSignal | undefined,
  end: () => Promise<boolean>,
): Interruption {
  let ended: Promise<boolean> | undefined
  const interrupt = () => {
    ended ??= end().catch(() => false)
  }
  if (signal?.aborted) interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  return { signal, ended: () => ended, stop: () => signal?.removeEventListener('abort', interrupt) }
}
