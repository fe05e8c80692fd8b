import type { MigrationId, RunEvent } from '@tidemark/core'
import { findRecorded, type LoadEnvironment } from '../check/fix/find-recorded.ts'
import { createPlaceFinder } from '../check/fix/place-of-file.ts'
import type { Settings } from '../config/settings.ts'
import { openRunner } from '../database/open-runner.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { openHooks } from '../run/open-hooks.ts'
import { refreshSnapshot } from '../snapshot/refresh-snapshot.ts'
import { readState } from '../status/read-state.ts'
import type { DevEvent } from './dev-event.ts'

/** What {@link applySaved} needs. */
export interface ApplySavedContext {
  readonly load: LoadEnvironment
  readonly toolVersion: string
  readonly redact: (text: string) => string
  readonly signal: AbortSignal
  readonly onEvent: (event: DevEvent) => void
}

/**
 * Makes a database for development what the files are: redoes what is applied and was edited since, where that is
 * nowhere else, and applies what is pending, both with the hooks of `up`.
 *
 * @throws {TidemarkError} whatever a run throws.
 */
export async function applySaved(settings: DatabaseSettings, context: ApplySavedContext): Promise<void> {
  const { signal, onEvent, toolVersion, redact } = context
  const { states, plan, project } = await readState(settings, {}, signal)
  const changed = project.graph.nodes.flatMap(({ migration }) =>
    states.get(migration.id)?.kind === 'changed' ? [migration] : [],
  )
  const reasons = await whyNotRedone(settings, changed, context)
  const hooks = openHooks(settings, redact)
  const run = { signal, onEvent: reportHooks(onEvent) }
  let done = 0
  for (const { id } of changed) {
    const why = reasons.get(id)
    if (why !== undefined) {
      onEvent({ kind: 'left', id, why, command: `tidemark redo ${id} --cascade` })
      continue
    }
    const startedAt = performance.now()
    const runner = await openRunner(settings, toolVersion, signal, { hooks })
    const result = await runner.redo({ ...run, id, cascade: true, withHooks: true })
    done += result.done.length
    onEvent({
      kind: 'applied',
      action: 'redo',
      ids: [...new Set(result.done)],
      durationMs: performance.now() - startedAt,
    })
  }
  for (const [id, { kind }] of states)
    if (kind === 'orphaned')
      onEvent({
        kind: 'left',
        id,
        why: 'it is applied, and its file is gone',
        command: `tidemark down --target ${id}`,
      })
  if (plan.steps.length > 0) {
    const startedAt = performance.now()
    const runner = await openRunner(settings, toolVersion, signal, { hooks })
    const result = await runner.runMigrations(run)
    done += result.done.length
    if (result.done.length > 0)
      onEvent({
        kind: 'applied',
        action: 'apply',
        ids: [...new Set(result.done)],
        durationMs: performance.now() - startedAt,
      })
  }
  if (done > 0) await refresh(settings, context)
}

function reportHooks(onEvent: ApplySavedContext['onEvent']): (event: RunEvent) => void {
  return (event) => {
    if (event.kind === 'hook_output') onEvent({ kind: 'hook', hook: event.hook, line: event.line })
    if (event.kind === 'hook_failed') onEvent({ kind: 'failed', error: event.error })
  }
}

async function refresh(
  settings: DatabaseSettings,
  { signal, onEvent }: Pick<ApplySavedContext, 'signal' | 'onEvent'>,
): Promise<void> {
  const refreshed = await refreshSnapshot(settings, signal)
  if (refreshed?.kind === 'written') onEvent({ kind: 'refreshed', path: refreshed.path })
  if (refreshed?.kind === 'failed') onEvent({ kind: 'failed', error: refreshed.error })
}

/** By the rule of `check --fix`: on the default branch, or recorded in another database, a file is not redone. */
async function whyNotRedone(
  settings: Settings,
  changed: readonly { readonly id: MigrationId; readonly source: { readonly path: string } }[],
  { load, signal }: ApplySavedContext,
): Promise<ReadonlyMap<MigrationId, string>> {
  if (changed.length === 0) return new Map()
  const findPlace = await createPlaceFinder(settings.migrations)
  const recorded = await findRecorded(settings, load, signal, settings.database)
  const reasons = new Map<MigrationId, string>()
  for (const { id, source } of changed) {
    const { why } = await findPlace(source.path)
    const where = recorded.places.get(id)
    const reason = why ?? (where === undefined ? recorded.unreached : `it is recorded in ${where}`)
    if (reason !== null) reasons.set(id, reason)
  }
  return reasons
}
