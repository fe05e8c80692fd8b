import { withTimeout } from '@tidemark/core'
import type { Manifest } from '../manifest/manifest.ts'
import type { GateSettings } from '../options.ts'
import type { GateEvent } from '../status/gate-event.ts'
import { createPauses, type Pace } from './pauses.ts'
import type { SchemaChecker } from './schema-checker.ts'

/**
 * When a gate checks: by its timer, when a request comes, and when its listener reports something. One check
 * runs at a time.
 */
export interface CheckScheduler {
  /** Loads the manifest, now or once the files are read, and runs the first check. */
  start(source: Manifest | Promise<Manifest>): void
  /**
   * Runs the check that is due, or joins the one in flight, and waits for it: 250 ms at most, 2 s until one
   * has succeeded. Settles at once when none is due. Until the files are read it waits for them.
   */
  checkDue(): Promise<void>
  /** Something may have changed: checks at once, and once more after a check that is in flight. */
  checkSoon(): void
  /** Ends timers and listener; settles when the check in flight is over, which emits no event. */
  stop(): Promise<void>
  stopped(): boolean
}

/** What a scheduler needs of its gate. */
export interface CheckSchedulerOptions {
  readonly settings: Pick<GateSettings, 'poll' | 'watch' | 'listener'>
  readonly checker: SchemaChecker
  readonly announce: (event: GateEvent) => void
  /** Called when the files are wrong; what it throws ends the process. */
  readonly fail: (error: unknown) => void
}

/** How long a request to a closed gate waits for a check, in milliseconds. */
const WAIT_MS = 250
/** How long requests wait for a check before any has succeeded, in milliseconds. */
const FIRST_WAIT_MS = 2000
/** Notifications closer together than this, in milliseconds, count as one: any role may send them. */
const NOTIFICATION_GAP_MS = 250

/** Makes a scheduler; nothing runs before `start`. Its timers keep no process alive. */
export function createCheckScheduler({
  settings: { poll, watch, listener },
  checker,
  announce,
  fail,
}: CheckSchedulerOptions): CheckScheduler {
  const nextPauseMs = createPauses(poll)
  let reading: Promise<void> | undefined
  let inFlight: Promise<void> | undefined
  /** Settles with the check in flight, or earlier: requests wait only so long. */
  let joinable: Promise<void> = Promise.resolve()
  let startedAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  let checkAgain = false
  let stopped = false

  function startCheck(): Promise<void> {
    clearTimeout(timer)
    startedAt = performance.now()
    inFlight = check().finally(() => {
      inFlight = undefined
      if (!stopped) scheduleNext()
    })
    joinable = withTimeout(inFlight, {
      limitMs: checker.status().kind === 'unknown' ? FIRST_WAIT_MS : WAIT_MS,
      onTimeout: () => undefined,
      process: 'exit',
    })
    return joinable
  }

  async function check(): Promise<void> {
    const events = await checker.check()
    if (stopped) return
    for (const event of events) announce(event)
    adjustListener()
  }

  function scheduleNext(): void {
    const pauseMs = checkAgain ? NOTIFICATION_GAP_MS : nextPauseMs(pace())
    checkAgain = false
    if (pauseMs !== undefined) schedule(pauseMs)
  }

  function schedule(afterMs: number): void {
    const dueAt = performance.now() + afterMs
    // Node counts a timer from the beginning of the turn that sets it: after a long turn it fires early.
    const runWhenDue = () => (performance.now() < dueAt - 1 ? wait() : startCheck())
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(runWhenDue, dueAt - performance.now())
      timer.unref?.()
    }
    wait()
  }

  function pace(): Pace {
    if (!checker.allOpen()) return 'often'
    return watch ? 'seldom' : 'never'
  }

  function adjustListener(): void {
    if (stopped || pace() === 'never') void listener?.stop()
    else listener?.start(checkSoon)
  }

  function checkDue(): Promise<void> {
    if (inFlight !== undefined) return joinable
    const due = performance.now() - startedAt >= poll.minMs
    return due && !stopped ? startCheck() : Promise.resolve()
  }

  function checkSoon(): void {
    if (stopped) return
    if (inFlight !== undefined) checkAgain = true
    else schedule(Math.max(0, startedAt + NOTIFICATION_GAP_MS - performance.now()))
  }

  function begin(manifest: Manifest): void {
    checker.load(manifest)
    reading = undefined
    void checkDue()
    adjustListener()
  }

  return {
    start(source) {
      if (!(source instanceof Promise)) {
        begin(source)
        return
      }
      const loaded = source.then(begin)
      reading = loaded.then(checkDue).catch(() => undefined)
      loaded.catch((error: unknown) => {
        if (!stopped) fail(error)
      })
    },
    checkDue: () => reading ?? checkDue(),
    checkSoon,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await Promise.all([inFlight, listener?.stop()])
    },
    stopped: () => stopped,
  }
}
