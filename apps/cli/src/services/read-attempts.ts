import type { AttemptFilter, MigrationAttempt, PlanTarget } from '@tidemark/core'
import { withReader } from './read-state.ts'
import type { DatabaseSettings } from './require-database.ts'

/** Attempts, and of which database. */
export interface Attempts {
  readonly target: PlanTarget
  readonly attempts: readonly MigrationAttempt[]
}

/** Reads the attempts that the database remembers, newest first. */
export async function readAttempts(
  settings: DatabaseSettings,
  filter: AttemptFilter,
  signal: AbortSignal,
): Promise<Attempts> {
  return withReader(settings, signal, async (session) => ({
    target: session.target,
    attempts: await session.store.listAttempts(filter),
  }))
}
