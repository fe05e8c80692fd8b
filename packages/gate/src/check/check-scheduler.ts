import type { Manifest } from '../manifest/manifest.ts'
import type { GateSettings } from '../options.ts'
import type { GateEvent } from '../status/gate-event.ts'
import { createPoller } from './poll.ts'
import type { Inspector } from './schema-checker.ts'

/** When a gate asks: by its timer, when a request comes, and when its listener hears of something. */
export interface Checks {
  /** Takes the files in, now or once they are read, and runs the first check. */
  start(source: Manifest | Promise<Manifest>): void
  /** Runs the check that is due and waits for it, but not for long; until the files are read it waits for them. */
  knock(): Promise<void>
  /** Something may have changed: checks soon. */
  wake(): void
  /** Ends timers and listener; settles when the check in flight is over. What it finds is told to nobody. */
  stop(): Promise<void>
  stopped(): boolean
}

/** What checks need of their gate. */
export interface ChecksOptions {
  readonly settings: Pick<GateSettings, 'poll' | 'watch' | 'listener'>
  readonly inspector: Inspector
  readonly announce: (event: GateEvent) => void
  /** Told when the files are wrong; what it throws ends the process. */
  readonly fail: (error: unknown) => void
}

/** How long a request to a closed gate waits for a check, in milliseconds. */
const PATIENCE_MS = 250
/** How long requests wait for a check before any has succeeded, in milliseconds. */
const FIRST_PATIENCE_MS = 2000

/** Makes checks; nothing runs before `start`. */
export function createChecks({ settings, inspector, announce, fail }: ChecksOptions): Checks {
  const { listener, watch } = settings
  const poller = createPoller({ ...settings.poll, check, pace, patienceMs })
  let reading: Promise<void> | null = null
  let stopped = false

  function begin(manifest: Manifest): void {
    inspector.load(manifest)
    reading = null
    void poller.knock()
    adjustListener()
  }

  async function check(): Promise<void> {
    if (stopped) return
    const events = await inspector.check()
    if (stopped) return
    for (const event of events) announce(event)
    adjustListener()
  }

  function pace(): 'soon' | 'seldom' | 'never' {
    if (!inspector.allOpen()) return 'soon'
    return watch ? 'seldom' : 'never'
  }

  function patienceMs(): number {
    return inspector.status().kind === 'unknown' ? FIRST_PATIENCE_MS : PATIENCE_MS
  }

  function adjustListener(): void {
    if (stopped || pace() === 'never') void listener?.stop()
    else listener?.start(poller.wake)
  }

  return {
    start(source) {
      if (!(source instanceof Promise)) {
        begin(source)
        return
      }
      const loaded = source.then(begin)
      reading = loaded.then(poller.knock).catch(() => undefined)
      loaded.catch((error: unknown) => {
        if (!stopped) fail(error)
      })
    },
    knock: () => reading ?? poller.knock(),
    wake: poller.wake,
    async stop() {
      stopped = true
      await Promise.all([poller.stop(), listener?.stop()])
    },
    stopped: () => stopped,
  }
}
