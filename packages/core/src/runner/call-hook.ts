import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import { formatDuration } from '../migration/header/duration.ts'
import type { HookCall, RunHooks } from '../ports/run-hooks.ts'
import { maskSecrets } from '../sql/mask-secrets.ts'
import { withTimeout } from './with-timeout.ts'

/** How one hook is called. */
export interface CallHookOptions {
  readonly hooks: RunHooks
  /** 0 is no limit. */
  readonly limitMs: number
  readonly signal: AbortSignal | undefined
  readonly onOutput: (line: string) => void
}

/** A hook that was given up is waited for so long: it may still be ending what it began. */
const GRACE_MS = 2000

/**
 * Calls a hook and waits for it, at most as long as it may take.
 *
 * @throws TidemarkError TM7039 when it fails or takes too long, TM5008 after an interrupt.
 */
export async function callHook(
  call: HookCall,
  { hooks, limitMs, signal, onOutput }: CallHookOptions,
): Promise<void> {
  const stop = new AbortController()
  const ended = hooks.run(call, { signal: stop.signal, onOutput })
  const outcome = await firstOf(ended, { limitMs, signal })
  if (outcome.kind === 'ended') return
  if (outcome.kind === 'failed') throw hookFailed(call, reasonOf(outcome.error), outcome.error)
  stop.abort()
  const settled = ended.catch(() => undefined)
  await withTimeout(settled, { limitMs: GRACE_MS, onTimeout: () => undefined })
  if (outcome.kind === 'interrupted') throw interrupted(call)
  throw hookFailed(call, `it did not end within ${formatDuration(limitMs)} (hookTimeout)`)
}

type Outcome =
  | { readonly kind: 'ended' | 'late' | 'interrupted' }
  | { readonly kind: 'failed'; readonly error: unknown }

async function firstOf(
  work: Promise<void>,
  { limitMs, signal }: Pick<CallHookOptions, 'limitMs' | 'signal'>,
): Promise<Outcome> {
  const settled = work.then(
    (): Outcome => ({ kind: 'ended' }),
    (error: unknown): Outcome => ({ kind: 'failed', error }),
  )
  let stopListening = (): void => {}
  const interrupt = new Promise<Outcome>((resolve) => {
    const listener = (): void => resolve({ kind: 'interrupted' })
    signal?.addEventListener('abort', listener, { once: true })
    stopListening = () => signal?.removeEventListener('abort', listener)
    if (signal?.aborted === true) listener()
  })
  const first = Promise.race([settled, interrupt])
  try {
    if (limitMs === 0) return await first
    return await withTimeout(first, { limitMs, onTimeout: (): Outcome => ({ kind: 'late' }) })
  } finally {
    stopListening()
  }
}

function hookFailed({ hook }: HookCall, reason: string, cause?: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7039',
    message: `the hook "${hook}" failed: ${reason}`,
    help:
      hook === 'beforeUp'
        ? 'nothing was applied; fix the hook, or what it found, and run again'
        : 'the records of the migrations are right; do by hand what the hook was to do',
    details: { hook },
    cause,
  })
}

function interrupted({ hook }: HookCall): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: `interrupted during the hook "${hook}"`,
    help: 'nothing was applied; run it again',
    details: { applied: [] },
  })
}

function reasonOf(error: unknown): string {
  return maskSecrets(error instanceof Error ? error.message : String(error))
}
