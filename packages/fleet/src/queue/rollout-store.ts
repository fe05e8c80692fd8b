import { type MigrationId, type RollbackRequest, TidemarkError } from '@tidemark/core'
import type { ClientBase, Pool } from 'pg'
import { inTransaction } from './queue-database.ts'

/** `running` and `paused` are open; nothing of the others begins any more. */
export type RolloutState = 'running' | 'paused' | 'complete' | 'stopped' | 'cancelled'

/** A rollout of the queue. */
export interface QueuedRollout {
  readonly rolloutId: string
  readonly direction: 'up' | 'down'
  readonly state: RolloutState
  /** The wave that has begun, from 1. */
  readonly wave: number
  readonly waves: readonly string[]
  readonly startedAt: Date
  readonly endedAt: Date | null
  /** When the wave begins, or began. */
  readonly waveAt: Date
  /** How many targets may fail. */
  readonly allowed: number
  readonly executedBy: string
  readonly reason: string | null
  readonly counts: QueuedCounts
  /** The targets that failed. */
  readonly failed: readonly string[]
}

/** How many targets of a rollout are how. */
export interface QueuedCounts {
  readonly done: number
  readonly current: number
  readonly failed: number
  /** Begun by a worker. */
  readonly running: number
  readonly notBegun: number
}

/** What a rollout is made with. */
export interface NewRollout {
  readonly id: string
  readonly direction: 'up' | 'down'
  readonly files: RolloutFiles
  readonly waves: readonly string[]
  readonly pauseMs: number
  readonly allowed: number
  readonly request: RollbackRequest | undefined
  readonly settings: RolloutSettings
  readonly executedBy: string
  readonly reason: string | undefined
  readonly traceparent: string | undefined
  readonly targets: readonly NewTarget[]
}

/** The files that a rollout is made from: only workers with the same ones take its jobs. */
export interface RolloutFiles {
  readonly digest: string
  /** By id. */
  readonly checksums: Readonly<Record<MigrationId, string>>
}

/** What a worker does as the rollout was asked for, whatever its own configuration says. */
export interface RolloutSettings {
  readonly backup: boolean
  readonly createSchema: boolean
}

/** A target of a new rollout. No URL: a worker finds the target by its name. */
export interface NewTarget {
  readonly name: string
  /** The place of its wave, from 0. */
  readonly wave: number
  /** Of the targets with the same one only one runs at a time, in all workers. */
  readonly slot: string | null
  /** Of a rollback: what was planned. */
  readonly planDigest: string | null
  readonly steps: readonly MigrationId[] | null
}

/** Writes a rollout with its targets, and gives the jobs of its first wave to the engine. */
export async function insertRollout(pool: Pool, rollout: NewRollout): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `INSERT INTO tidemark_fleet.rollouts (id, direction, state, files_digest, files, waves, pause_ms, allowed, request, settings, executed_by, reason, traceparent)
       VALUES ($1, $2, 'running', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        rollout.id,
        rollout.direction,
        rollout.files.digest,
        rollout.files.checksums,
        rollout.waves,
        rollout.pauseMs,
        rollout.allowed,
        rollout.request ?? null,
        rollout.settings,
        rollout.executedBy,
        rollout.reason ?? null,
        rollout.traceparent ?? null,
      ],
    )
    const targets = rollout.targets.map((one, place) => ({ ...one, place }))
    await client.query(
      `INSERT INTO tidemark_fleet.targets (rollout, name, place, wave, slot, plan_digest, steps)
       SELECT $1, t.name, t.place, t.wave, t.slot, t."planDigest", t.steps
       FROM json_to_recordset($2) AS t(name text, place int, wave int, slot text, "planDigest" text, steps text[])`,
      [rollout.id, JSON.stringify(targets)],
    )
    await enqueueWave(client, rollout.id)
    if (targets.length === 0) await enqueueJudge(client, rollout.id)
  })
}

/** The name of the task that migrates a target: only workers with the same files know it. */
export function taskOf(direction: 'up' | 'down', filesDigest: string): string {
  return `${direction} ${filesDigest}`
}

/** The name of the task that judges a rollout. */
export const JUDGE_TASK = 'judge'

/** More takes than this give a target up: what ends every worker would go on for ever. */
export const MOST_TAKES = 8

/** Gives the jobs of the current wave to the engine: those that have not begun. A job that is there stays one. */
export async function enqueueWave(client: ClientBase, id: string): Promise<void> {
  await client.query(
    `SELECT count(*) FROM tidemark_jobs.add_jobs(ARRAY(
       SELECT ROW(r.direction || ' ' || r.files_digest, json_build_object('rollout', r.id, 'target', t.name), t.slot,
         greatest(r.wave_at, now()), 25, r.id || ':' || t.name, 0, NULL)::tidemark_jobs.job_spec
       FROM tidemark_fleet.rollouts r JOIN tidemark_fleet.targets t ON t.rollout = r.id AND t.wave = r.wave
       WHERE r.id = $1 AND t.begun_at IS NULL ORDER BY t.place))`,
    [id],
  )
}

/** Asks for a judgement; one that waits already is enough. */
export async function enqueueJudge(client: ClientBase, id: string): Promise<void> {
  await client.query(
    `SELECT tidemark_jobs.add_job($2, json_build_object('rollout', $1::text), job_key => 'judge:' || $1::text, priority => -1)`,
    [id, JUDGE_TASK],
  )
}

/**
 * Judges a rollout: stops it when more have failed than may, else begins the next wave when all of this one is
 * done, after the pause. Judging twice is the same as once.
 */
export async function judgeRollout(pool: Pool, id: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT FROM tidemark_fleet.rollouts WHERE id = $1 FOR UPDATE', [id])
    const { rows } = await client.query<{
      readonly isStopped: boolean
      readonly open: number
      readonly next: number | null
    }>(
      `SELECT r.failures > r.allowed AS "isStopped",
         (SELECT count(*)::int FROM tidemark_fleet.targets t WHERE t.rollout = r.id AND t.wave = r.wave AND t.outcome IS NULL) AS open,
         (SELECT min(t.wave) FROM tidemark_fleet.targets t WHERE t.rollout = r.id AND t.wave > r.wave) AS next
       FROM tidemark_fleet.rollouts r WHERE r.id = $1 AND r.state = 'running'`,
      [id],
    )
    const [found] = rows
    if (found === undefined) return
    if (found.isStopped) return endRollout(client, id, 'stopped')
    if (found.open > 0) return
    if (found.next === null) return endRollout(client, id, 'complete')
    await client.query(
      `UPDATE tidemark_fleet.rollouts SET wave = $2, wave_at = now() + pause_ms * interval '1 millisecond' WHERE id = $1`,
      [id, found.next],
    )
    await enqueueWave(client, id)
  })
}

async function endRollout(client: ClientBase, id: string, state: RolloutState): Promise<void> {
  await client.query('UPDATE tidemark_fleet.rollouts SET state = $2, ended_at = now() WHERE id = $1', [
    id,
    state,
  ])
  await removeJobs(client, id)
}

/** Takes away the jobs that no worker has: they would be passed over, and perhaps no worker knows their files. */
async function removeJobs(client: ClientBase, id: string): Promise<void> {
  await client.query(
    `SELECT count(*) FROM tidemark_jobs.complete_jobs(ARRAY(
       SELECT j.id FROM tidemark_jobs.jobs j WHERE starts_with(j.key, $1::text || ':') AND j.locked_at IS NULL))`,
    [id],
  )
}

/**
 * Pauses, resumes or cancels a rollout. What has begun is finished; jobs that have not are passed over, and
 * given to the engine again by `resume`.
 *
 * @returns false where it is over.
 */
export async function steerRollout(
  pool: Pool,
  id: string,
  to: 'pause' | 'resume' | 'cancel',
): Promise<boolean> {
  const state = { pause: 'paused', resume: 'running', cancel: 'cancelled' }[to]
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE tidemark_fleet.rollouts SET state = $2, ended_at = CASE WHEN $2 = 'cancelled' THEN now() END
       WHERE id = $1 AND state IN ('running', 'paused')`,
      [id, state],
    )
    if (rowCount === 0) return false
    if (to === 'cancel') await removeJobs(client, id)
    if (to === 'resume') {
      await enqueueWave(client, id)
      await enqueueJudge(client, id)
    }
    return true
  })
}

/** Lists rollouts, the newest first. */
export async function listQueued(
  pool: Pool,
  { id, states, limit }: QueuedChoice,
): Promise<readonly QueuedRollout[]> {
  const { rows } = await pool.query<QueuedRollout>(
    `SELECT r.id AS "rolloutId", r.direction, r.state, r.wave + 1 AS wave, r.waves, r.started_at AS "startedAt",
       r.ended_at AS "endedAt", r.wave_at AS "waveAt", r.allowed, r.executed_by AS "executedBy", r.reason, t.counts, t.failed
     FROM tidemark_fleet.rollouts r CROSS JOIN LATERAL (
       SELECT json_build_object('done', count(*) FILTER (WHERE outcome = 'done'), 'current', count(*) FILTER (WHERE outcome = 'current'),
         'failed', count(*) FILTER (WHERE outcome = 'failed'), 'running', count(*) FILTER (WHERE outcome IS NULL AND begun_at IS NOT NULL),
         'notBegun', count(*) FILTER (WHERE outcome IS NULL AND begun_at IS NULL)) AS counts,
         coalesce(array_agg(name ORDER BY place) FILTER (WHERE outcome = 'failed'), '{}') AS failed
       FROM tidemark_fleet.targets WHERE rollout = r.id) t
     WHERE ($1::text[] IS NULL OR r.state = ANY ($1)) AND starts_with(r.id::text, $2)
     ORDER BY r.started_at DESC, r.id LIMIT $3`,
    [states ?? null, id ?? '', limit ?? null],
  )
  return rows
}

/** Which rollouts are meant. Without any of them: all. */
export interface QueuedChoice {
  /** The beginning of an id. */
  readonly id?: string | undefined
  readonly states?: readonly RolloutState[] | undefined
  readonly limit?: number | undefined
}

/** Reads one rollout. */
export async function findQueued(pool: Pool, id: string): Promise<QueuedRollout> {
  const [rollout] = await listQueued(pool, { id })
  if (rollout !== undefined) return rollout
  throw new TidemarkError({
    code: 'TM7074',
    message: `there is no rollout "${id}" in the queue`,
    help: 'see those that there are: tidemark fleet history',
  })
}
