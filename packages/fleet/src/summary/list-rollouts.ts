import type { MigrationAttempt, MigrationId } from '@tidemark/core'

/** The attempts of one target, the newest first. */
export interface TargetAttempts {
  readonly name: string
  readonly attempts: readonly MigrationAttempt[]
}

/** What one run id left in the records of targets. */
export interface Rollout {
  readonly rolloutId: string
  readonly direction: 'up' | 'down'
  readonly startedAt: Date
  readonly endedAt: Date
  readonly executedBy: string | null
  readonly reason: string | null
  /** In the order in which they ran. */
  readonly migrations: readonly MigrationId[]
  /** The targets that have attempts of it. */
  readonly targets: readonly string[]
  readonly failed: readonly {
    readonly name: string
    readonly id: MigrationId
    readonly error: string | null
  }[]
}

/**
 * Lists rollouts, the newest first, from the attempts of all targets: those that have a run id in common. A
 * target that was current, or that could not be reached, has no attempt.
 */
export function listRollouts(targets: readonly TargetAttempts[]): readonly Rollout[] {
  const byRun = new Map<string, { name: string; attempt: MigrationAttempt }[]>()
  for (const { name, attempts } of targets) {
    for (const attempt of attempts) {
      if (attempt.runId === null || (attempt.direction !== 'up' && attempt.direction !== 'down')) continue
      const known = byRun.get(attempt.runId)
      if (known === undefined) byRun.set(attempt.runId, [{ name, attempt }])
      else known.push({ name, attempt })
    }
  }
  return [...byRun]
    .map(([rolloutId, entries]) => toRollout(rolloutId, entries))
    .sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime())
}

function toRollout(
  rolloutId: string,
  entries: readonly { readonly name: string; readonly attempt: MigrationAttempt }[],
): Rollout {
  const attempts = entries.map(({ attempt }) => attempt)
  const times = attempts.map(({ executedAt }) => executedAt.getTime())
  const reasons = attempts.map(({ details }) => details?.['reason']).filter((one) => typeof one === 'string')
  return {
    rolloutId,
    direction: attempts.some(({ direction }) => direction === 'down') ? 'down' : 'up',
    startedAt: new Date(times.reduce((least, one) => Math.min(least, one))),
    endedAt: new Date(times.reduce((most, one) => Math.max(most, one))),
    executedBy: attempts.find(({ executedBy }) => executedBy !== null)?.executedBy ?? null,
    reason: reasons[0] ?? null,
    migrations: [...new Set(attempts.map(({ migrationId }) => migrationId).reverse())],
    targets: [...new Set(entries.map(({ name }) => name))],
    failed: entries.flatMap(({ name, attempt }) =>
      attempt.status === 'failed' ? [{ name, id: attempt.migrationId, error: attempt.errorMessage }] : [],
    ),
  }
}
