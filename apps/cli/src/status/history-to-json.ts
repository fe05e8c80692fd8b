import type { MigrationAttempt, Run } from '@tidemark/core'
import { type HistoryJson, HistorySchema } from '../schema/run-schemas.ts'
import { targetToJson } from '../text/target.ts'
import type { Attempts } from './list-attempts.ts'
import type { Runs } from './list-runs.ts'

/** The document of `history --json`; what `history` prints is made from it too. */
export function historyToJson({ target, attempts, runs }: Attempts & Partial<Runs>): HistoryJson {
  return {
    target: targetToJson(target),
    ...(runs === undefined ? {} : { runs: runs.map(runToJson) }),
    attempts: attempts.map((attempt) => ({
      migrationId: attempt.migrationId,
      executedAt: attempt.executedAt.toISOString(),
      status: attempt.status,
      direction: attempt.direction,
      executionTimeMs: attempt.executionTimeMs,
      executedBy: attempt.executedBy,
      runId: attempt.runId,
      error: attempt.errorMessage,
      ...readDetails(attempt),
    })),
  }
}

function runToJson({ attempts, endedAt, ...run }: Run): NonNullable<HistoryJson['runs']>[number] {
  const { runId, kind, executedBy, reason, inForce } = run
  const ids = (some: readonly MigrationAttempt[]) => [...new Set(some.map(({ migrationId }) => migrationId))]
  const failed = ids(attempts.filter(({ status }) => status === 'failed'))
  return {
    runId,
    kind,
    endedAt: endedAt.toISOString(),
    executedBy,
    reason,
    migrations: ids(attempts),
    failed,
    inForce: [...inForce],
  }
}

const Details = HistorySchema.shape.attempts.element.pick({
  reason: true,
  statements: true,
  lockWaits: true,
  retries: true,
  backup: true,
}).shape

/** What an attempt's details hold of what we know; anything else there is passed over. */
function readDetails({ details }: MigrationAttempt) {
  return {
    reason: Details.reason.catch(null).parse(details?.['reason'] ?? null),
    statements: Details.statements.catch([]).parse(details?.['statements'] ?? []),
    lockWaits: Details.lockWaits.catch([]).parse(details?.['lockWaits'] ?? []),
    retries: Details.retries.catch([]).parse(details?.['retries'] ?? []),
    backup: Details.backup.catch(null).parse(details?.['backup'] ?? null),
  }
}
