import { type MigrationId, maskSecrets, type RollbackRequest } from '@tidemark/core'
import type { Pool } from 'pg'
import type { TargetOutcome } from '../rollout/outcome.ts'
import { inTransaction } from './queue-database.ts'
import { enqueueJudge, type RolloutSettings } from './rollout-store.ts'

/** The payload of a job. */
export interface TargetJob {
  readonly rollout: string
  readonly target: string
}

/** What a worker that took a job needs. */
export interface BegunTarget {
  readonly direction: 'up' | 'down'
  readonly wave: string
  readonly request: RollbackRequest | null
  readonly settings: RolloutSettings
  readonly reason: string | null
  readonly traceparent: string | null
  readonly planDigest: string | null
  readonly steps: readonly MigrationId[] | null
  /** A worker took it before, and did not say what came of it. */
  readonly isTakenAgain: boolean
}

/**
 * Begins a target. One that had begun goes on whatever the state of the rollout is: it may be half done.
 *
 * @returns undefined where there is nothing to do: the target is done, or nothing more of its rollout begins.
 */
export async function beginTarget(
  pool: Pool,
  { rollout, target }: TargetJob,
): Promise<BegunTarget | undefined> {
  const { rows } = await pool.query<BegunTarget>(
    `UPDATE tidemark_fleet.targets t SET begun_at = coalesce(t.begun_at, now())
     FROM tidemark_fleet.rollouts r, (SELECT begun_at FROM tidemark_fleet.targets WHERE rollout = $1 AND name = $2 FOR UPDATE) before
     WHERE t.rollout = $1 AND t.name = $2 AND r.id = t.rollout AND t.outcome IS NULL
       AND (before.begun_at IS NOT NULL OR r.state = 'running' AND r.failures <= r.allowed)
     RETURNING r.direction, r.waves[t.wave + 1] AS wave, r.request, r.settings, r.reason, r.traceparent,
       t.plan_digest AS "planDigest", t.steps, before.begun_at IS NOT NULL AS "isTakenAgain"`,
    [rollout, target],
  )
  return rows[0]
}

/** Outcomes that are final: others are tried again. */
export type FinalOutcome = Extract<TargetOutcome, { readonly kind: 'done' | 'current' | 'failed' }>

/**
 * Records what came of a target, once, and asks for a judgement where one may be due.
 *
 * @param redact takes secrets out of what the error says.
 */
export async function recordOutcome(
  pool: Pool,
  { rollout, target }: TargetJob,
  { outcome, redact }: { readonly outcome: FinalOutcome; readonly redact: (text: string) => string },
): Promise<void> {
  const error = outcome.kind === 'failed' ? outcome.error : undefined
  const said = (text: string | undefined) => (text === undefined ? null : storable(redact(maskSecrets(text))))
  await inTransaction(pool, async (client) => {
    // One after the other, so that the last of a wave sees that it is the last.
    await client.query('SELECT FROM tidemark_fleet.rollouts WHERE id = $1 FOR UPDATE', [rollout])
    const { rowCount } = await client.query(
      `UPDATE tidemark_fleet.targets SET outcome = $3, done = $4, duration_ms = $5, code = $6, message = $7, help = $8
       WHERE rollout = $1 AND name = $2 AND outcome IS NULL`,
      [
        rollout,
        target,
        outcome.kind,
        'done' in outcome ? outcome.done : [],
        outcome.kind === 'done' ? Math.round(outcome.durationMs) : null,
        error?.code ?? null,
        said(error?.diagnostics.length === 1 ? error.diagnostics[0]?.message : error?.message),
        said(error?.help ?? error?.diagnostics[0]?.help),
      ],
    )
    if (rowCount === 0) return
    const { rows } = await client.query<{ readonly isDue: boolean }>(
      `UPDATE tidemark_fleet.rollouts r SET failures = r.failures + $2 WHERE r.id = $1
       RETURNING r.failures > r.allowed OR NOT EXISTS (SELECT FROM tidemark_fleet.targets t
         WHERE t.rollout = r.id AND t.wave = r.wave AND t.outcome IS NULL) AS "isDue"`,
      [rollout, error === undefined ? 0 : 1],
    )
    if (rows[0]?.isDue === true) await enqueueJudge(client, rollout)
  })
}

/** The server takes no NUL in a text. */
function storable(text: string): string {
  return text.replaceAll('\0', '')
}

/** How a target of a rollout is. */
export interface QueuedTarget {
  readonly name: string
  readonly wave: number
  readonly isBegun: boolean
  readonly outcome: FinalOutcome['kind'] | null
  readonly done: readonly MigrationId[]
  readonly durationMs: number | null
  readonly code: string | null
  readonly message: string | null
  readonly help: string | null
}

/** Lists the targets of a rollout, in their order. */
export async function listTargets(pool: Pool, rollout: string): Promise<readonly QueuedTarget[]> {
  const { rows } = await pool.query<QueuedTarget>(
    `SELECT name, wave, begun_at IS NOT NULL AS "isBegun", outcome, done, duration_ms AS "durationMs", code, message, help
     FROM tidemark_fleet.targets WHERE rollout = $1 ORDER BY place`,
    [rollout],
  )
  return rows
}
