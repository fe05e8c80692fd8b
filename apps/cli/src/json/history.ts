import { targetToJson } from '../present/target.ts'
import type { Attempts } from '../services/read-attempts.ts'
import type { HistoryJson } from './schemas.ts'

/** The document of `history --json`. */
export function historyToJson({ target, attempts }: Attempts): HistoryJson {
  return {
    target: targetToJson(target),
    attempts: attempts.map((attempt) => ({
      migrationId: attempt.migrationId,
      executedAt: attempt.executedAt.toISOString(),
      status: attempt.status,
      direction: attempt.direction,
      executionTimeMs: attempt.executionTimeMs,
      executedBy: attempt.executedBy,
      runId: attempt.runId,
      error: attempt.errorMessage,
    })),
  }
}
