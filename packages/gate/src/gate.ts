import { TidemarkError } from '@tidemark/core'
import { absorbErrors } from './absorb-errors.ts'
import { createGuard, type Guard, type GuardState } from './guard.ts'
import { createInspector } from './inspector.ts'
import { loadManifest } from './load.ts'
import type { Manifest } from './manifest.ts'
import { type GateOptions, readOptions, refuseUnknownKeys } from './options.ts'
import { createPoller } from './poll.ts'
import { type GateResponse, respond } from './respond.ts'
import type { GateEvent, GateStatus } from './status.ts'
import { createWaiters } from './waiters.ts'

/** Holds requests back until the schema is current. Made by {@link createGate}; one for an application. */
export interface Gate extends Guard {
  /** What is known now; asks nothing. */
  status(): GateStatus
  /**
   * Settles once the gate is open, keeping the process alive till then.
   * Rejects when the signal aborts, when the files cannot be read, and with TM5008 when the gate is stopped.
   */
  whenOpen(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** A guard of its own for one route, which waits for these ids alone, blocking or not. TM2007 for an id that does not exist. */
  guard(options: { readonly requires: readonly string[] }): Guard
  /** Answers a liveness probe: 200 while the process answers. Restarting an application does not migrate its database. */
  livez(): GateResponse
  /** Answers a readiness probe: 200 when open, else the gate's 503. Runs the check that is due, never more. */
  readyz(): Promise<GateResponse>
  /** Ends timers and listener; settles when the check in flight is over, so that the pool can be ended. An open gate stays open. */
  stop(): Promise<void>
}

/** How long a request to a closed gate waits for a check, in milliseconds. */
const PATIENCE_MS = 250
/** How long requests wait for a check before any has succeeded, in milliseconds. */
const FIRST_PATIENCE_MS = 2000

/**
 * Makes a gate and starts its first check. The check is one SELECT with the application's own role: no write, no lock, no DDL.
 *
 * @throws TidemarkError TM7002 or TM7003 for wrong options, TM7060 to TM7062 for an unreadable folder or manifest, TM2007 for an
 *   unknown id in `requires`. Files that are wrong themselves reject `whenOpen`, or end the process when nobody waits.
 * @example
 * const gate = createGate({ database: pool, migrations: 'migrations' })
 * app.use(schemaGate(gate))
 */
export function createGate(options: GateOptions): Gate {
  const settings = readOptions(options)
  const source = loadManifest(settings)
  const inspector = createInspector(settings, announce)
  const poller = createPoller({ ...settings.poll, check, pace, patienceMs })
  const waiters = createWaiters((change) => (change === 1 ? poller.hold() : poller.release()))
  let stopped = false
  let knock = poller.knock

  const own = addGuard(settings.requires)
  absorbErrors(settings.database)
  if (source instanceof Promise) loadLater(source)
  else load(source)

  function load(manifest: Manifest): void {
    inspector.load(manifest)
    knock = poller.knock
    void poller.knock()
    adjustListener()
  }

  /** Requests wait for the files; an error of the files goes to whoever waits for the gate, else it ends the process. */
  function loadLater(reading: Promise<Manifest>): void {
    const loaded = reading.then(load)
    const first = loaded.then(() => poller.knock()).catch(() => undefined)
    knock = () => first
    loaded.catch((error: unknown) => {
      inspector.fail(error)
      if (waiters.count > 0) waiters.rejectAll(error)
      else if (!stopped) throw error
    })
  }

  async function check(): Promise<void> {
    if (stopped) return
    await inspector.check()
    adjustListener()
  }

  function pace(): 'soon' | 'seldom' | 'never' {
    if (!inspector.allOpen()) return 'soon'
    return settings.watch ? 'seldom' : 'never'
  }

  function patienceMs(): number {
    return inspector.status().kind === 'unknown' ? FIRST_PATIENCE_MS : PATIENCE_MS
  }

  function adjustListener(): void {
    if (stopped || pace() === 'never') void settings.listener?.stop()
    else settings.listener?.start(poller.wake)
  }

  function announce(event: GateEvent): void {
    if (stopped) return
    tell(settings.onEvent, event)
    if (event.kind === 'opened') waiters.resolveAll()
  }

  function addGuard(requires: readonly string[] | undefined): GuardState {
    const { allow, expose, poll } = settings
    const retryAfterSeconds = Math.ceil(poll.minMs / 1000)
    const guard = createGuard({ allow, expose, retryAfterSeconds, knock: () => knock() })
    inspector.add(guard, requires)
    return guard
  }

  return {
    isOpen: own.isOpen,
    refuse: own.refuse,
    status: inspector.status,
    async whenOpen({ signal } = {}) {
      const { open, error } = inspector.status()
      if (open) return
      if (inspector.failed()) throw error
      if (stopped) throw describeStop()
      await waiters.wait(signal)
    },
    guard(guardOptions) {
      const resting = inspector.allOpen()
      const guard = addGuard(readRequires(guardOptions))
      if (resting && !guard.open) poller.wake()
      return guard
    },
    livez: () => respond(200, {}, { status: 'alive' }),
    readyz: async () => (await own.answer()) ?? respond(200, {}, { status: inspector.status().kind }),
    async stop() {
      stopped = true
      waiters.rejectAll(describeStop())
      await Promise.all([poller.stop(), settings.listener?.stop()])
    },
  }
}

/** A listener that throws must not be taken for a failing database; it throws where nobody is in its way. */
function tell(onEvent: ((event: GateEvent) => void) | undefined, event: GateEvent): void {
  try {
    onEvent?.(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function readRequires(options: { readonly requires: readonly string[] }): readonly string[] {
  refuseUnknownKeys('guard', Object.keys(options), ['requires'])
  if (Array.isArray(options.requires) && options.requires.length > 0) return options.requires
  throw new TidemarkError({
    code: 'TM7003',
    message: 'guard: "requires" needs at least one id',
    help: "guard({ requires: ['040_add_phone'] })",
  })
}

function describeStop(): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: 'the gate was stopped before it opened',
    help: 'make a new gate to wait again',
  })
}
