import type { MigrationAttempt } from '../../src/plan/history/history.ts'

/** What a test says of an attempt; its place in the list is its sequence. */
export interface AttemptParts extends Partial<Omit<MigrationAttempt, 'sequence'>> {
  readonly migrationId: string
}

/**
 * The attempts of a test, oldest first: each completed going up, at one minute past the hour, unless it says
 * otherwise.
 */
export function attemptsOf(...parts: readonly AttemptParts[]): readonly MigrationAttempt[] {
  return parts.map((part, place) => ({
    id: `attempt-${place + 1}`,
    executedAt: new Date(Date.UTC(2026, 0, 1, 0, 1)),
    status: 'completed',
    executionTimeMs: 1,
    errorMessage: null,
    direction: 'up',
    runId: null,
    executedBy: 'ada@laptop',
    checksum: null,
    details: null,
    ...part,
    sequence: place + 1,
  }))
}
