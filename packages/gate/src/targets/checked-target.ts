import { withTimeout } from '@tidemark/core'
import { createSchemaChecker, type RequirementOf } from '../check/schema-checker.ts'
import { createGuard, type GuardState } from '../http/guard.ts'
import type { EnvironmentManifest, Manifest } from '../manifest/manifest.ts'
import type { GateSettings } from '../options.ts'
import type { GateEvent } from '../status/gate-event.ts'
import type { GateStatus } from '../status/gate-status.ts'
import type { GateDatabase } from '../status/query-status.ts'
import type { CheckTurns } from './check-turns.ts'
import type { KeptTarget } from './target-cache.ts'

/** What all targets of a gate share. */
export interface TargetRules {
  readonly settings: Pick<GateSettings, 'expose' | 'onError' | 'poll' | 'timeoutMs' | 'watch'>
  readonly whole: Manifest
  /** What counts in this environment. */
  readonly manifest: EnvironmentManifest
  /** What the gate itself waits for, whatever the route. */
  readonly requirementOf: RequirementOf
  readonly turns: CheckTurns
  readonly announce: (name: string, event: GateEvent) => void
  /** Takes what the gate waits for when it is stopped. */
  readonly track: (work: Promise<unknown>) => void
}

/** What is known of one target: checked when a request asks for it, and by no timer. */
export interface CheckedTarget extends KeptTarget {
  readonly schema: string
  status(): GateStatus
  /** With `watch`, checks an open one again where that is due; nothing waits for it. */
  recheck(): void
  /** The guard of what a route waits for, or the gate. */
  guardFor(requirementOf: RequirementOf): GuardState
}

/** How a target is reached, and what is freed with it. */
export interface TargetPlace {
  readonly name: string
  readonly schema: string
  readonly database: GateDatabase
  readonly end: () => Promise<unknown>
}

/** How long a request waits for a check, in milliseconds; for the first one longer. */
const WAIT_MS = 250
const FIRST_WAIT_MS = 2000

/** Makes what is known of a target: nothing yet. */
export function createCheckedTarget(place: TargetPlace, rules: TargetRules): CheckedTarget {
  const { name, schema, database, end } = place
  const { settings, turns, announce, track } = rules
  const { onError, poll, timeoutMs } = settings
  const checker = createSchemaChecker({ database, schema, environment: undefined, timeoutMs, onError })
  const guards = new Map<RequirementOf, GuardState>()
  let inFlight: Promise<void> | undefined
  let dueAt = 0
  let pauseMs = poll.minMs
  let isClosed = false
  checker.load(rules.whole, rules.manifest)

  function guardFor(requirementOf: RequirementOf): GuardState {
    const known = guards.get(requirementOf)
    if (known !== undefined) return known
    const guard = createGuard({
      mayPass: () => false,
      expose: settings.expose,
      retryAfterSeconds: Math.ceil(poll.minMs / 1000),
      checkDue,
    })
    checker.add(guard, requirementOf)
    guards.set(requirementOf, guard)
    return guard
  }

  const own = guardFor(rules.requirementOf)

  async function check(): Promise<void> {
    const events = await checker.check()
    const { error } = checker.status()
    pauseMs = error === null ? poll.minMs : Math.min(pauseMs * 2, poll.maxMs)
    if (!isClosed) for (const event of events) announce(name, event)
  }

  function start(): Promise<void> {
    inFlight = turns
      .run(check, () => !isClosed)
      .finally(() => {
        inFlight = undefined
        dueAt = performance.now() + (checker.allOpen() ? poll.maxMs : pauseMs)
      })
    track(inFlight)
    return inFlight
  }

  async function checkDue(): Promise<void> {
    if (inFlight === undefined && performance.now() < dueAt) return
    await withTimeout(inFlight ?? start(), {
      limitMs: checker.status().kind === 'unknown' ? FIRST_WAIT_MS : WAIT_MS,
      onTimeout: () => undefined,
      process: 'exit',
    })
  }

  return {
    name,
    schema,
    status: checker.status,
    isOpen: () => own.open,
    recheck() {
      if (settings.watch && own.open && inFlight === undefined && performance.now() >= dueAt) void start()
    },
    guardFor,
    close() {
      isClosed = true
      track(end())
    },
  }
}
