import { TidemarkError, withTimeout } from '@tidemark/core'
import type { GuardState } from '../http/guard.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { GateSettings } from '../options.ts'
import { decide, type Requirement } from '../status/decide.ts'
import type { GateEvent } from '../status/gate-event.ts'
import type { GateStatus } from '../status/gate-status.ts'
import { type Answer, ask } from '../status/query-status.ts'
import { type Question, writeQuestion } from '../status/status-query.ts'

/** Asks the database and opens or closes the guards by what it says. */
export interface Inspector {
  /** Takes the manifest in; before that, checks do nothing. TM2007 when a guard requires what does not exist. */
  load(manifest: Manifest): void
  /** Adds a guard that waits for what `requirementOf` names; the first one added is the gate's own. */
  add(guard: GuardState, requirementOf: RequirementOf): void
  /** One check. Gives what changed; never rejects. */
  check(): Promise<readonly GateEvent[]>
  status(): GateStatus
  /** Remembers that there is no manifest and will be none. */
  fail(error: unknown): void
  failed(): boolean
  /** Whether every guard is open. */
  allOpen(): boolean
}

/** Tells what a guard waits for, once the files are known. TM2007 for an id that does not exist. */
export type RequirementOf = (manifest: Manifest) => Requirement

type InspectorSettings = Pick<GateSettings, 'database' | 'schema' | 'timeoutMs' | 'onError'>

/** Makes an inspector without a manifest. */
export function createInspector(settings: InspectorSettings): Inspector {
  const guards: { readonly guard: GuardState; readonly requirementOf: RequirementOf }[] = []
  let known: { readonly manifest: Manifest; readonly question: Question } | null = null
  let seen: { readonly answer: Answer; readonly checkedAt: Date } | null = null
  let error: TidemarkError | null = null
  let failed = false

  function judge(guard: GuardState, requirement: Requirement, manifest: Manifest): void {
    if (seen === null) return
    guard.verdict = decide(manifest, seen.answer, requirement)
    guard.open = guard.verdict.open
  }

  function status(): GateStatus {
    const own = guards[0]?.guard
    if (seen === null || !own?.verdict) return { kind: 'unknown', open: false, error }
    return { ...own.verdict, open: own.open, checkedAt: seen.checkedAt, error }
  }

  return {
    load(manifest) {
      for (const { requirementOf } of guards) requirementOf(manifest)
      known = { manifest, question: writeQuestion(manifest, settings.schema) }
    },
    add(guard, requirementOf) {
      if (known !== null) judge(guard, requirementOf(known.manifest), known.manifest)
      guards.push({ guard, requirementOf })
    },
    async check() {
      if (known === null) return []
      const { manifest, question } = known
      const before = status()
      try {
        const answer = await withTimeout(ask(settings.database, question, manifest), {
          limitMs: settings.timeoutMs,
          onTimeout: () => {
            throw describeTimeout(settings.timeoutMs)
          },
          process: 'exit',
        })
        seen = { answer, checkedAt: new Date() }
        error = null
        for (const { guard, requirementOf } of guards) judge(guard, requirementOf(manifest), manifest)
      } catch (thrown) {
        error = toTidemarkError(thrown)
        if (settings.onError === 'close') for (const { guard } of guards) guard.open = false
      }
      return describeChange(before, status())
    },
    status,
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

function describeChange(before: GateStatus, after: GateStatus): readonly GateEvent[] {
  const events: GateEvent[] = []
  if (after.error !== null) events.push({ kind: 'check_failed', error: after.error, status: after })
  if (after.open !== before.open) events.push({ kind: after.open ? 'opened' : 'closed', status: after })
  else if (fingerprint(after) !== fingerprint(before)) events.push({ kind: 'changed', status: after })
  return events
}

/** What of a status is worth an event: neither the time nor an error, which has its own. */
function fingerprint(status: GateStatus): string {
  if (status.kind === 'unknown') return status.kind
  const { kind, pending, failed, changed, ahead } = status
  return JSON.stringify([kind, pending, failed, changed, ahead])
}

function describeTimeout(limitMs: number): TidemarkError {
  return new TidemarkError({
    code: 'TM5090',
    message: `the schema could not be checked: no answer within ${limitMs} ms`,
    help: 'the gate asks again by itself; check that the database answers and that the pool has a free connection',
  })
}
