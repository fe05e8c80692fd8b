import {
  type ApplyOptions,
  type MigrationPlan,
  type PlanTarget,
  type RunEvent,
  type RunResult,
  requestedOf,
  type SavedPlan,
  savePlan,
} from '@tidemark/core'
import { countDestructive } from '../database/check-protected.ts'
import { openRunner } from '../database/open-runner.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { readState } from '../status/read-state.ts'
import { openHooks } from './open-hooks.ts'

/** What `up` was asked for. */
export interface UpOptions extends ApplyOptions {
  /** Exactly this is executed. */
  readonly saved?: SavedPlan | undefined
  readonly anyTarget?: boolean
  readonly keepGoing?: boolean
  /** Stops migrations in batches after this time. */
  readonly batchesForMs?: number | undefined
  /** Saves what destructive steps take away before they run. */
  readonly backup?: boolean
  /** Written into the history. */
  readonly reason?: string | undefined
  /** Creates the database on its server when it is missing. */
  readonly createDatabase?: boolean
}

/** What {@link applyMigrations} needs besides. */
export interface ApplyContext extends UpOptions {
  readonly toolVersion: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /** Takes secrets out of what hooks are given. */
  readonly redact: (text: string) => string
  /** Asked before destructive steps on a protected database; throws to refuse. */
  readonly onDestructive: (
    count: number,
    planned: { readonly plan: MigrationPlan; readonly target: PlanTarget },
  ) => Promise<void>
}

/**
 * Applies migrations. On a protected database the plan is made first, asked about when it destroys something,
 * and exactly that plan is executed (I10).
 */
export async function applyMigrations(settings: DatabaseSettings, context: ApplyContext): Promise<RunResult> {
  const { saved, createDatabase, toolVersion, redact, onDestructive: _, ...options } = context
  const hooks = openHooks(settings, redact)
  if (createDatabase === true) {
    // It loads pg, which `up` needs only once its files are read.
    const { createMissingDatabase } = await import('../database/create-missing-database.ts')
    await createMissingDatabase(settings)
  }
  const plan = settings.protected ? await approvePlan(settings, saved, context) : saved
  const runner = await openRunner(settings, toolVersion, options.signal, { hooks, saved: plan })
  return runner.runMigrations({ ...options, plan })
}

async function approvePlan(
  settings: DatabaseSettings,
  saved: SavedPlan | undefined,
  context: ApplyContext,
): Promise<SavedPlan | undefined> {
  const { plan, target } = await readState(settings, requestedOf(saved, context), context.signal)
  const destructive = countDestructive(plan)
  if (destructive === 0) return saved
  await context.onDestructive(destructive, { plan, target })
  return saved ?? savePlan(plan, target)
}
