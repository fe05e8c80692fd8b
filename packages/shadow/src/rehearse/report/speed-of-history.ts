import type { MigrationAttempt } from '@tidemark/core'
import { z } from 'zod'
import { medianOf, type Speed } from './estimate-duration.ts'

/** Less than this says more of the network than of the server. */
const SHORTEST_MS = 100

/** What a run of a rehearsed plan has recorded, and what it has waited for. */
const Details = z.object({
  rehearsed: z.object({ baseMs: z.number().positive() }),
  lockWaits: z.array(z.object({ waitedMs: z.number() })).optional(),
})

/**
 * Tells how fast a server is from the runs of rehearsed plans on it: how long they took, without waits for locks,
 * over how much work was seen in the rehearsal. Undefined where there were none.
 */
export function speedOfHistory(attempts: readonly MigrationAttempt[]): Speed | undefined {
  const factors = attempts.flatMap(({ status, direction, executionTimeMs, details }) => {
    const known = Details.safeParse(details)
    if (status !== 'completed' || direction !== 'up' || executionTimeMs === null || !known.success) return []
    const { rehearsed, lockWaits = [] } = known.data
    const workedMs = executionTimeMs - lockWaits.reduce((sum, { waitedMs }) => sum + waitedMs, 0)
    return workedMs < SHORTEST_MS ? [] : [workedMs / rehearsed.baseMs]
  })
  const factor = medianOf(factors)
  return factor === undefined ? undefined : { factor, basis: { kind: 'history', attempts: factors.length } }
}
