import { TidemarkError } from '@tidemark/core'
import { absorbErrors } from './check/absorb-errors.ts'
import { createCheckScheduler } from './check/check-scheduler.ts'
import { createClosedWarning } from './check/closed-warning.ts'
import { createSchemaChecker, type RequirementOf } from './check/schema-checker.ts'
import { createWaiters } from './check/waiters.ts'
import { createPassRule } from './http/allow.ts'
import { createGuard, type GuardState } from './http/guard.ts'
import { type GateResponse, respond } from './http/respond.ts'
import { loadManifest } from './manifest/load-manifest.ts'
import { requireIds } from './manifest/require-ids.ts'
import { type GateOptions, readOptions } from './options.ts'
import type { RequestGate } from './request-gate.ts'
import { readRequires } from './require-guard.ts'
import { listBlocking } from './status/decide.ts'
import { emitEvent, type GateEvent } from './status/gate-event.ts'
import type { GateStatus } from './status/gate-status.ts'
import { createTargetGate, POOLS, type TargetGate } from './targets/target-gate.ts'
import { isOfTargets, type TargetGateOptions } from './targets/target-options.ts'

/** Holds requests back until the schema is current. Made by {@link createGate}; one for an application. */
export interface Gate extends RequestGate {
  /** What is known now; runs no check. */
  status(): GateStatus
  /**
   * Settles once the gate is open, and keeps the process alive until then.
   * Rejects when the signal aborts, when the files cannot be read, and with TM5008 when the gate is stopped.
   */
  whenOpen(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Answers a readiness probe: 200 when open, else the gate's 503. Runs the check that is due, never more.
   */
  readyz(): Promise<GateResponse>
  /**
   * Ends timers and listener; settles when the check in flight is over, so that the pool can be ended. An
   * open gate stays open.
   */
  stop(): Promise<void>
}

/**
 * Makes a gate and starts its first check. The check is one SELECT with the application's own role: no write,
 * no lock, no DDL.
 *
 * @throws TidemarkError TM7002 or TM7003 for wrong options, TM7060 to TM7062 for an unreadable folder or
 *   manifest, TM2007 for an unknown id in `requires`. Files that are wrong themselves reject `whenOpen`, or
 *   end the process when nobody waits.
 * @example
 * const gate = createGate({ database: pool, migrations: 'migrations' })
 * app.use(schemaGate(gate))
 */
export function createGate(options: GateOptions): Gate
/**
 * Makes a gate of many targets: `target` says for each request which one it is for.
 *
 * @throws TidemarkError as for one database.
 * @example
 * const gate = createGate({
 *   migrations: 'migrations',
 *   target: ({ header }) => findTenant(header('host')), // { name, database, schema }, or undefined
 * })
 */
export function createGate(options: TargetGateOptions): TargetGate
export function createGate(options: GateOptions | TargetGateOptions): Gate | TargetGate {
  return isOfTargets(options) ? createTargetGate(options, POOLS) : createOneGate(options)
}

function createOneGate(options: GateOptions): Gate {
  const settings = readOptions(options)
  const source = loadManifest(settings.migrations, settings.schema)
  const waiters = createWaiters()
  const checker = createSchemaChecker(settings)
  const warning = createClosedWarning(checker.explain, settings.log)
  const scheduler = createCheckScheduler({ settings, checker, announce, fail })
  const { expose, requires } = settings
  const mayPass = createPassRule(settings.allow)
  const retryAfterSeconds = Math.ceil(settings.poll.minMs / 1000)

  function announce(event: GateEvent): void {
    emitEvent(settings.onEvent, event)
    if (event.kind === 'closed') warning.start()
    if (event.kind !== 'opened') return
    warning.cancel()
    waiters.resolveAll()
  }

  /** An error in the files rejects `whenOpen`; when nobody waits it ends the process. */
  function fail(error: unknown): void {
    checker.fail(error)
    if (waiters.count === 0) throw error
    waiters.rejectAll(error)
  }

  function addGuard(requirementOf: RequirementOf): GuardState {
    const guard = createGuard({ mayPass, expose, retryAfterSeconds, checkDue: scheduler.checkDue })
    checker.add(guard, requirementOf)
    return guard
  }

  const own = addGuard((manifest) => ({
    ids: requires === undefined ? listBlocking(manifest) : requireIds(manifest, requires),
    ahead: settings.ahead,
  }))
  absorbErrors(settings.database)
  warning.start()
  scheduler.start(source)

  return {
    isOpen: own.isOpen,
    refuse: own.refuse,
    status: checker.status,
    async whenOpen({ signal } = {}) {
      const { open, error } = checker.status()
      if (open) return
      if (checker.failed()) throw error
      if (scheduler.stopped()) throw describeStop()
      await waiters.wait(signal)
    },
    guard(guardOptions) {
      const ids = readRequires(guardOptions)
      const wasOpen = checker.allOpen()
      const guard = addGuard((manifest) => ({ ids: requireIds(manifest, ids), ahead: 'accept' }))
      if (wasOpen && !guard.open) scheduler.checkSoon()
      return guard
    },
    livez: () => respond(200, {}, { status: 'alive' }),
    readyz: async () => (await own.answer()) ?? respond(200, {}, { status: checker.status().kind }),
    logTo: warning.logTo,
    async stop() {
      warning.cancel()
      const stopping = scheduler.stop()
      waiters.rejectAll(describeStop())
      await stopping
    },
  }
}

function describeStop(): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: 'the gate was stopped before it opened',
    help: 'make a new gate to wait again',
  })
}
