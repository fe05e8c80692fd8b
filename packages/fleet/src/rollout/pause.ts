import { setTimeout } from 'node:timers/promises'

/** Waits, and no longer than until the signal is given. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined)
}
