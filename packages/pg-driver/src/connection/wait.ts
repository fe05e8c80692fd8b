import { setTimeout } from 'node:timers/promises'

/**
 * Waits, unless the signal ends it before.
 *
 * @throws the signal's reason.
 */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/**
 * A delay that doubles with each attempt up to a limit, half of it random: runners that wait for the same
 * thing spread out.
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
