import type { AttemptFilter, MigrationAttempt, PlanTarget } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { withReader } from './read-state.ts'

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
