import { TidemarkError, withTimeout } from '@tidemark/core'
import type { GuardState } from '../http/guard.ts'
import { type EnvironmentManifest, forEnvironment, type Manifest } from '../manifest/manifest.ts'
import type { GateSettings } from '../options.ts'
import { decide, type Requirement } from '../status/decide.ts'
import { describeClosed } from '../status/describe-closed.ts'
import type { GateEvent } from '../status/gate-event.ts'
import type { GateStatus } from '../status/gate-status.ts'
import { type DatabaseStatus, queryStatus } from '../status/query-status.ts'
import { writeStatusQuery } from '../status/status-query.ts'

/** Queries the database, and opens or closes the guards by what it returns. */
export interface SchemaChecker {
  /**
   * Takes the manifest; before that, checks do nothing. TM2007 when a guard requires an id that does not
   * exist.
   */
  load(manifest: Manifest, ofEnvironment?: EnvironmentManifest): void
  /** Adds a guard that waits for what `requirementOf` names; the first one added is the gate's own. */
  add(guard: GuardState, requirementOf: RequirementOf): void
  /** Runs one check. Returns what changed; never rejects. */
  check(): Promise<readonly GateEvent[]>
  status(): GateStatus
  /** Why the gate is closed, in words for a log. */
  explain(): string
  /** Remembers that the manifest could not be loaded, and why. */
  fail(error: unknown): void
  failed(): boolean
  /** Whether every guard is open. */
  allOpen(): boolean
}

/** Gives what a guard waits for, once the files are known. TM2007 for an id that does not exist. */
export type RequirementOf = (manifest: EnvironmentManifest) => Requirement

type CheckerSettings = Pick<GateSettings, 'database' | 'schema' | 'environment' | 'timeoutMs' | 'onError'>

/** Makes a checker without a manifest. */
export function createSchemaChecker(settings: CheckerSettings): SchemaChecker {
  const guards: { readonly guard: GuardState; readonly requirementOf: RequirementOf }[] = []
  let loaded: { readonly manifest: EnvironmentManifest; readonly whole: Manifest } | null = null
  let latest: { readonly found: DatabaseStatus; readonly checkedAt: Date } | null = null
  let error: TidemarkError | null = null
  let failed = false

  function update(guard: GuardState, requirement: Requirement, manifest: Manifest): void {
    if (latest === null) return
    guard.verdict = decide(manifest, latest.found, requirement)
    guard.open = guard.verdict.open
  }

  function status(): GateStatus {
    const own = guards[0]?.guard
    if (latest === null || !own?.verdict) return { kind: 'unknown', open: false, error }
    return { ...own.verdict, open: own.open, checkedAt: latest.checkedAt, error }
  }

  return {
    load(whole, manifest = forEnvironment(whole, settings.environment)) {
      for (const { requirementOf } of guards) requirementOf(manifest)
      loaded = { manifest, whole }
    },
    add(guard, requirementOf) {
      if (loaded !== null) update(guard, requirementOf(loaded.manifest), loaded.manifest)
      guards.push({ guard, requirementOf })
    },
    async check() {
      if (loaded === null) return []
      const { manifest, whole } = loaded
      // The query names also what is for other environments: where it is applied, it is not unknown.
      const query = writeStatusQuery(whole, settings.schema)
      const before = status()
      try {
        const found = await withTimeout(queryStatus(settings.database, query, manifest), {
          limitMs: settings.timeoutMs,
          onTimeout: () => {
            throw describeTimeout(settings.timeoutMs)
          },
          process: 'exit',
        })
        latest = { found, checkedAt: new Date() }
        error = null
        for (const { guard, requirementOf } of guards) update(guard, requirementOf(manifest), manifest)
      } catch (thrown) {
        error = toTidemarkError(thrown)
        if (settings.onError === 'close') for (const { guard } of guards) guard.open = false
      }
      return listEvents(before, status())
    },
    status,
    explain: () => describeClosed(status(), { schema: settings.schema, tables: latest?.found.tables }),
    fail(thrown) {
      failed = true
      error = toTidemarkError(thrown)
    },
    failed: () => failed,
    allOpen: () => guards.every(({ guard }) => guard.open),
  }
}

function toTidemarkError(thrown: unknown): TidemarkError {
  if (thrown instanceof TidemarkError) return thrown
  return new TidemarkError({
    code: 'TM5090',
    message: `the schema could not be checked: ${thrown}`,
    cause: thrown,
  })
}

function listEvents(before: GateStatus, after: GateStatus): readonly GateEvent[] {
  const events: GateEvent[] = []
  if (after.error !== null) events.push({ kind: 'check_failed', error: after.error, status: after })
  if (after.open !== before.open) events.push({ kind: after.open ? 'opened' : 'closed', status: after })
  else if (fingerprint(after) !== fingerprint(before)) events.push({ kind: 'changed', status: after })
  return events
}

/** The part of a status whose change is an event: neither the time nor an error, which has its own. */
function fingerprint(status: GateStatus): string {
  if (status.kind === 'unknown') return status.kind
  const { kind, pending, failed, changed, ahead } = status
  return JSON.stringify([kind, pending, failed, changed, ahead])
}

function describeTimeout(limitMs: number): TidemarkError {
  return new TidemarkError({
    code: 'TM5090',
    message: `the schema could not be checked: no answer within ${limitMs} ms`,
    help: 'the gate checks again by itself; check that the database answers and that the pool has a free connection',
  })
}
