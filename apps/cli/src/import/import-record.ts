import type { MigrationId, MigrationRunner } from '@tidemark/core'

/** What is recorded as applied. */
export interface RecordRequest {
  readonly ids: readonly MigrationId[]
  /** For the audit: who says so. */
  readonly reason: string
  readonly signal: AbortSignal
}

/**
 * Records migrations as applied without executing them: as a baseline when they are all that the last of them
 * needs, else one by one. What is applied already stays as it is.
 *
 * @returns the ids that were recorded now
 * @throws {TidemarkError} TM3xxx, TM5xxx.
 */
export async function recordApplied(
  runner: MigrationRunner,
  { ids, reason, signal }: RecordRequest,
): Promise<readonly MigrationId[]> {
  const { plan } = await runner.baseline({ through: ids, dryRun: true, signal })
  const named = new Set(ids)
  const pending = plan.steps.map(({ id }) => id)
  const wanted = pending.filter((id) => named.has(id))
  if (wanted.length === 0) return []
  const { done } =
    wanted.length === pending.length
      ? await runner.baseline({ through: ids, reason, signal })
      : await runner.mark({ ids: wanted, as: 'completed', reason, signal })
  return done
}
