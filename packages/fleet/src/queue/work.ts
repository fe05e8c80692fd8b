import { EventEmitter } from 'node:events'
import { maskSecrets } from '@tidemark/core'
import type { JobHelpers } from 'graphile-worker'
import type { Pool, PoolClient } from 'pg'
import type { FleetOptions } from '../fleet-options.ts'
import { openFiles, readChosen } from '../rollout/ask-targets.ts'
import { createConnectionPool } from '../server/connection-pool.ts'
import type { ParsedTarget } from '../target/parse-targets.ts'
import { describeFiles } from './rollout-files.ts'
import { JUDGE_TASK, judgeRollout, taskOf } from './rollout-store.ts'
import { runJob } from './run-job.ts'
import type { FinalOutcome, TargetJob } from './target-store.ts'

/** How a worker works. */
export interface WorkOptions {
  /** How many targets at a time. Default that of the fleet. */
  readonly concurrency?: number | undefined
  /** Takes rollbacks, too. Default false. */
  readonly allowDown?: boolean | undefined
  /** Ends the worker: what runs is finished, and nothing more is taken. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: WorkEvent) => void) | undefined
}

/** What happens in a worker. */
export type WorkEvent =
  /** It asks for jobs. */
  | { readonly kind: 'ready'; readonly concurrency: number; readonly files: number }
  | { readonly kind: 'target_started'; readonly name: string; readonly wave: string }
  | { readonly kind: 'target_finished'; readonly outcome: FinalOutcome }
  /** It leaves a rollout to other workers. */
  | { readonly kind: 'left'; readonly rolloutId: string; readonly reason: 'other_files' | 'down' }
  | { readonly kind: 'ending'; readonly running: number }
  /** Something went wrong that is no target's; the engine tries again. */
  | { readonly kind: 'warning'; readonly message: string }

/** Marks the advisory locks by which workers know each other, the bytes of `tmfw`. */
const ALIVE = 0x746d6677

/** Takes jobs until the signal is given. */
export async function work(queue: Pool, options: FleetOptions, given: WorkOptions): Promise<void> {
  const { concurrency = options.concurrency ?? 16, allowDown = false, signal } = given
  const say = given.onEvent ?? (() => undefined)
  const { startEngine } = await import('./engine.ts')
  const migrations = openFiles(options)
  const files = await describeFiles(migrations, options.environment)
  const openPool = () => createConnectionPool(options.perServer ?? 4)
  let pool = openPool()
  const running = new Set<string>()
  const targetsOf = rememberTargets(options)
  const runTarget = async (payload: TargetJob, takes: number): Promise<void> => {
    const { target } = payload
    running.add(target)
    try {
      await runJob(payload, takes, {
        ...{ queue, options, migrations, pool, targetsOf, signal: undefined },
        onBegin: (name, wave) => say({ kind: 'target_started', name, wave }),
        onOutcome: (outcome) => say({ kind: 'target_finished', outcome }),
      })
    } catch (error) {
      // The engine keeps what it says.
      throw new Error(maskSecrets(error instanceof Error ? error.message : String(error)))
    } finally {
      running.delete(target)
    }
  }
  const directions = allowDown ? (['up', 'down'] as const) : (['up'] as const)
  const sayLeft = createLeftReport(
    queue,
    directions.map((one) => taskOf(one, files.digest)),
    say,
  )
  const { events, ready } = followEngine({
    queue,
    sayLeft,
    warn: (message) => say({ kind: 'warning', message }),
  })
  // A worker without a job keeps no connection to a target.
  events.on('worker:getJob:empty', () => {
    if (running.size > 0) return
    void pool.close()
    pool = openPool()
  })
  const runner = await startEngine({
    pool: queue,
    concurrency,
    events,
    warn: (message) => say({ kind: 'warning', message }),
    ready,
    tasks: {
      ...Object.fromEntries(
        directions.map((direction) => [
          taskOf(direction, files.digest),
          (payload: unknown, { job }: JobHelpers) => runTarget(readJob(payload), job.attempts),
        ]),
      ),
      [JUDGE_TASK]: (payload: unknown) => judgeRollout(queue, readJob(payload).rollout),
    },
  })
  const stop = () => runner.stop().catch(() => undefined)
  const end = () => {
    say({ kind: 'ending', running: running.size })
    void stop()
  }
  try {
    await ready()
    say({ kind: 'ready', concurrency, files: Object.keys(files.checksums).length })
    if (signal?.aborted === true) end()
    signal?.addEventListener('abort', end, { once: true })
    await runner.promise
  } finally {
    await stop()
    signal?.removeEventListener('abort', end)
    await pool.close()
  }
}

function readJob(payload: unknown): TargetJob {
  const { rollout, target }: Readonly<Record<string, unknown>> = Object(payload)
  return { rollout: String(rollout), target: String(target) }
}

/** Reads the targets once for each rollout, and keeps those of the last. What failed is read again. */
function rememberTargets(options: FleetOptions): (rollout: string) => Promise<readonly ParsedTarget[]> {
  let known: { readonly rollout: string; readonly targets: Promise<readonly ParsedTarget[]> } | undefined
  return async (rollout) => {
    if (known?.rollout !== rollout) known = { rollout, targets: readChosen(options, {}) }
    const current = known
    try {
      return await current.targets
    } catch (error) {
      if (known === current) known = undefined
      throw error
    }
  }
}

interface Following {
  readonly queue: Pool
  readonly sayLeft: () => Promise<void>
  readonly warn: (message: string) => void
}

/**
 * Follows the engine. The session in which it listens for jobs holds a lock that names this worker: when the
 * worker dies, the server gives the lock up with the session. Jobs that a worker without such a lock has taken
 * are given back to the engine, when a worker begins and whenever the engine looks for old locks.
 */
function followEngine({ queue, sayLeft, warn }: Following) {
  const events = new EventEmitter()
  const isReady = new Promise<void>((resolve, reject) => {
    events.on(
      'pool:listen:success',
      ({
        client,
        workerPool,
      }: {
        readonly client: PoolClient
        readonly workerPool: { readonly id: string }
      }) => {
        // The engine has its own statement under way.
        client.once('drain', () =>
          client
            .query('SELECT pg_try_advisory_lock_shared($1, hashtext($2))', [ALIVE, workerPool.id])
            .then(() => releaseDead(queue))
            .then(() => sayLeft())
            .then(resolve, reject),
        )
      },
    )
  })
  // A later session that fails is opened again by the engine.
  isReady.catch(() => undefined)
  const try_ = (run: () => Promise<void>) =>
    void run().catch((error: unknown) => warn(maskSecrets(String(error))))
  events.on('resetLocked:started', () => try_(() => releaseDead(queue)))
  events.on('pool:listen:notification', () => try_(sayLeft))
  return { events, ready: () => isReady }
}

async function releaseDead(queue: Pool): Promise<void> {
  await queue.query(
    `SELECT tidemark_jobs.force_unlock_workers(ARRAY(
       SELECT DISTINCT j.locked_by FROM tidemark_jobs.jobs j WHERE j.locked_by IS NOT NULL AND NOT EXISTS (
         SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1::bigint::oid
           AND l.objid::bigint = hashtext(j.locked_by)::bigint & 4294967295
           AND a.datname = current_database() AND a.usename = current_user)))`,
    [ALIVE],
  )
}

/** Says once of each rollout why this worker takes nothing of it. */
function createLeftReport(
  queue: Pool,
  tasks: readonly string[],
  say: (event: WorkEvent) => void,
): () => Promise<void> {
  const said = new Set<string>()
  return async () => {
    const { rows } = await queue.query<{ readonly id: string; readonly hasFiles: boolean }>(
      `SELECT id, EXISTS (SELECT FROM unnest($1::text[]) t WHERE t LIKE '% ' || files_digest) AS "hasFiles"
       FROM tidemark_fleet.rollouts WHERE state = 'running' AND direction || ' ' || files_digest <> ALL ($1)`,
      [tasks],
    )
    for (const { id, hasFiles } of rows) {
      if (said.has(id)) continue
      said.add(id)
      say({ kind: 'left', rolloutId: id, reason: hasFiles ? 'down' : 'other_files' })
    }
  }
}
