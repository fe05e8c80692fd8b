import { withTimeout } from '@tidemark/core'
import { absorbErrors } from '../check/absorb-errors.ts'
import type { RequirementOf } from '../check/schema-checker.ts'
import { createPassRule, type GateRequest } from '../http/allow.ts'
import type { Guard } from '../http/guard.ts'
import { type GateResponse, refuse, refuseUnknownTarget, respond } from '../http/respond.ts'
import { loadManifest } from '../manifest/load-manifest.ts'
import { forEnvironment, type Manifest } from '../manifest/manifest.ts'
import { requireIds } from '../manifest/require-ids.ts'
import type { RequestGate } from '../request-gate.ts'
import { readRequires } from '../require-guard.ts'
import { listBlocking } from '../status/decide.ts'
import { emitEvent } from '../status/gate-event.ts'
import type { GateStatus } from '../status/gate-status.ts'
import type { GateDatabase } from '../status/query-status.ts'
import { createCheckTurns } from './check-turns.ts'
import { type CheckedTarget, createCheckedTarget, type TargetRules } from './checked-target.ts'
import { type GateTarget, readTarget } from './gate-target.ts'
import { TargetCache } from './target-cache.ts'
import { readTargetOptions, type TargetGateOptions } from './target-options.ts'

/**
 * Holds the requests of each target back until its schema is current. Made by `createGate` with `target`. It
 * checks when a request comes, and by no timer.
 */
export interface TargetGate extends RequestGate {
  /** Always false: it depends on the request. */
  isOpen(): boolean
  /** What is known of a target now; undefined where nothing is kept of it. Runs no check. */
  status(name: string): GateStatus | undefined
  /** Answers a readiness probe: 200 once the files are read. The state of a target says nothing of this process. */
  readyz(): Promise<GateResponse>
}

/** How a database of a target is used: as it is, or opened for it. */
export interface TargetDatabases<Database> {
  readonly isDatabase: (value: unknown) => value is Database
  readonly open: (database: Database) => {
    readonly database: GateDatabase
    readonly end: () => Promise<unknown>
  }
}

/** The application's own pools: they are never ended here. */
export const POOLS: TargetDatabases<GateDatabase> = {
  isDatabase: (value): value is GateDatabase =>
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'query') === 'function',
  open: (database) => {
    absorbErrors(database)
    return { database, end: async () => undefined }
  },
}

/** How long a request waits for the files to be read, in milliseconds. */
const READING_MS = 2000

/** A kept target, with what the function named for it: another one takes its place when that differs. */
type Kept<Database> = CheckedTarget & { readonly given: Database }

/**
 * Makes a gate of many targets.
 *
 * @throws TidemarkError as `createGate` does.
 */
export function createTargetGate<Database>(
  options: TargetGateOptions<Database>,
  databases: TargetDatabases<Database>,
): TargetGate {
  const { target: targetOf, maxTargets, maxChecks, onEvent, shared } = readTargetOptions(options)
  const { allow, ahead, environment, poll, requires, migrations, schema } = shared
  const mayPass = createPassRule(allow)
  const cache = new TargetCache<Kept<Database>>(maxTargets)
  const requirements: RequirementOf[] = []
  const running = new Set<Promise<unknown>>()
  let rules: TargetRules | undefined
  let isStopped = false

  const own: RequirementOf = (manifest) => ({
    ids: requires === undefined ? listBlocking(manifest) : requireIds(manifest, requires),
    ahead,
  })

  function track(work: Promise<unknown>): void {
    running.add(work)
    const forget = () => running.delete(work)
    work.then(forget, forget)
  }

  function begin(whole: Manifest): void {
    const manifest = forEnvironment(whole, environment)
    for (const requirementOf of [own, ...requirements]) requirementOf(manifest)
    const announce: TargetRules['announce'] = (target, event) =>
      emitEvent((one) => onEvent?.({ ...one, target }), event)
    const turns = createCheckTurns(maxChecks)
    rules = { settings: shared, whole, manifest, requirementOf: own, turns, announce, track }
  }

  const source = loadManifest(migrations, schema)
  const reading = source instanceof Promise ? source.then(begin) : undefined
  if (!(source instanceof Promise)) begin(source)
  // Files that are wrong end the process, as with a gate of one database.
  void reading?.catch((error: unknown) => {
    if (!isStopped) throw error
  })

  async function untilRead(): Promise<TargetRules | undefined> {
    if (rules !== undefined || reading === undefined) return rules
    const limit = { limitMs: READING_MS, onTimeout: () => undefined, process: 'exit' } as const
    await withTimeout(
      reading.catch(() => undefined),
      limit,
    )
    return rules
  }

  function keep(target: GateTarget<Database> & { readonly schema: string }, known: TargetRules) {
    const kept = cache.get(target.name)
    if (kept !== undefined && kept.given === target.database && kept.schema === target.schema) return kept
    const opened = databases.open(target.database)
    const checked = createCheckedTarget({ ...target, ...opened }, known)
    const added = { ...checked, given: target.database }
    cache.add(added)
    return added
  }

  async function answer(
    request: GateRequest,
    requirementOf: RequirementOf,
  ): Promise<GateResponse | undefined> {
    if (mayPass(request)) return undefined
    const target = readTarget(await targetOf(request), databases.isDatabase)
    if (target === undefined) return refuseUnknownTarget()
    const known = await untilRead()
    if (known === undefined || isStopped)
      return refuse({ pending: null, migrations: null, retryAfterSeconds })
    const kept = keep(target, known)
    const guard = kept.guardFor(requirementOf)
    kept.recheck()
    if (guard.open) return undefined
    const refusal = await guard.answer()
    // What has opened by this check counts as used, among those that are open.
    if (refusal === undefined) cache.get(target.name)
    return refusal
  }

  const retryAfterSeconds = Math.ceil(poll.minMs / 1000)
  const guardOf = (requirementOf: RequirementOf): Guard => ({
    isOpen: () => false,
    refuse: (request) => answer(request, requirementOf),
  })

  return {
    ...guardOf(own),
    status: (name) => cache.peek(name)?.status(),
    guard(guardOptions) {
      const ids = readRequires(guardOptions)
      const requirementOf: RequirementOf = (manifest) => ({ ids: requireIds(manifest, ids), ahead: 'accept' })
      if (rules !== undefined) requirementOf(rules.manifest)
      requirements.push(requirementOf)
      return guardOf(requirementOf)
    },
    livez: () => respond(200, {}, { status: 'alive' }),
    readyz: async () =>
      (await untilRead()) === undefined
        ? refuse({ pending: null, migrations: null, retryAfterSeconds })
        : respond(200, {}, { status: 'ready' }),
    logTo: () => undefined,
    async stop() {
      isStopped = true
      cache.closeAll()
      await Promise.allSettled(running)
    },
  }
}
