/** What a {@link Poller} runs, and when. */
export interface PollerOptions {
  /** One check. Never rejects. */
  readonly check: () => Promise<void>
  /** Asked after each check: how soon the next one is wanted. */
  readonly pace: () => 'soon' | 'seldom' | 'never'
  /** Shortest and longest time between two checks, in milliseconds. */
  readonly minMs: number
  readonly maxMs: number
  /** How long whoever knocks waits for the check that starts now, in milliseconds. */
  readonly patienceMs: () => number
}

/** Runs checks one at a time. Its timers keep no process alive. */
export interface Poller {
  /** Runs the check that is due, or joins the one in flight; settles at once when none is due, and after the patience. */
  knock(): Promise<void>
  /** Something may have changed: checks at once, and once more after a check that is in flight. */
  wake(): void
  /** No check starts any more; settles when the one in flight is over. */
  stop(): Promise<void>
}

/** Notifications closer together than this, in milliseconds, count as one: any role may send them. */
const WAKE_GAP_MS = 50
const GROWTH = 1.5
const JITTER = 0.25

/**
 * Makes a poller; nothing runs before the first knock. While checks are wanted soon the pause grows from `minMs` to
 * `maxMs`, each shortened by up to a quarter at random, so that replicas do not ask in step.
 *
 * @example createPoller({ check, pace: () => (open ? 'never' : 'soon'), minMs: 500, maxMs: 5000, patienceMs: () => 250 }).knock()
 */
export function createPoller(options: PollerOptions): Poller {
  const { minMs, maxMs } = options
  let inFlight: Promise<void> | undefined
  let joinable: Promise<void> = Promise.resolve()
  let startedAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs = minMs
  let wokenMeanwhile = false
  let stopped = false

  function run(): Promise<void> {
    clearTimeout(timer)
    startedAt = performance.now()
    inFlight = options.check().finally(() => {
      inFlight = undefined
      if (!stopped) planNext()
    })
    joinable = waitAtMost(inFlight, options.patienceMs())
    return joinable
  }

  function planNext(): void {
    const pace = options.pace()
    if (wokenMeanwhile) schedule(WAKE_GAP_MS)
    else if (pace === 'soon') schedule(nextPause())
    else if (pace === 'seldom') schedule(maxMs * (1 - JITTER * Math.random()))
    wokenMeanwhile = false
    if (pace !== 'soon') pauseMs = minMs
  }

  function nextPause(): number {
    const pause = Math.max(minMs, pauseMs * (1 - JITTER * Math.random()))
    pauseMs = Math.min(maxMs, pauseMs * GROWTH)
    return pause
  }

  function schedule(afterMs: number): void {
    clearTimeout(timer)
    timer = setTimeout(run, afterMs)
    timer.unref?.()
  }

  return {
    knock() {
      if (inFlight !== undefined) return joinable
      const due = performance.now() - startedAt >= minMs
      return due && !stopped ? run() : Promise.resolve()
    },
    wake() {
      if (stopped) return
      if (inFlight !== undefined) wokenMeanwhile = true
      else schedule(Math.max(0, startedAt + WAKE_GAP_MS - performance.now()))
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await inFlight
    },
  }
}

/** Settles with the promise or after the time, whichever is first. Leaves no timer behind. */
function waitAtMost(promise: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, limitMs)
    limit.unref?.()
    promise.finally(() => {
      clearTimeout(limit)
      resolve()
    })
  })
}
