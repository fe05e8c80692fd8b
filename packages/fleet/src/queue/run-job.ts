import {
  type ExecutionOptions,
  type MigrationId,
  type MigrationReader,
  type MigrationRunner,
  type RollbackRequest,
  savePlan,
  TidemarkError,
} from '@tidemark/core'
import { joinRollout } from '@tidemark/pg-driver/engine'
import type { Pool } from 'pg'
import type { FleetOptions } from '../fleet-options.ts'
import type { TargetOutcome } from '../rollout/outcome.ts'
import { tryTarget } from '../rollout/run-waves.ts'
import type { ConnectionPool } from '../server/connection-pool.ts'
import { openTarget } from '../server/open-target.ts'
import type { ParsedTarget, SoundTarget } from '../target/parse-targets.ts'
import { MOST_TAKES } from './rollout-store.ts'
import {
  type BegunTarget,
  beginTarget,
  type FinalOutcome,
  recordOutcome,
  type TargetJob,
} from './target-store.ts'

/** What a worker runs its jobs with. */
export interface JobContext {
  readonly queue: Pool
  readonly options: FleetOptions
  readonly migrations: MigrationReader
  readonly pool: ConnectionPool
  /** Finds the targets of this worker's own configuration, once for each rollout. */
  readonly targetsOf: (rollout: string) => Promise<readonly ParsedTarget[]>
  readonly signal: AbortSignal | undefined
  readonly onBegin: (name: string, wave: string) => void
  readonly onOutcome: (outcome: FinalOutcome) => void
}

/**
 * Migrates the target of a job, and records what came of it. What is thrown gives the job back to the engine:
 * that is for what has nothing to do with the target.
 *
 * @param takes how often the job was taken, this time included.
 */
export async function runJob(job: TargetJob, takes: number, context: JobContext): Promise<void> {
  const begun = await beginTarget(context.queue, job)
  if (begun === undefined) return
  const { wave } = begun
  context.onBegin(job.target, wave)
  const one = takes > MOST_TAKES ? givenUp(job.target) : await findTarget(job, context)
  const observer = await joinRollout(begun.traceparent)
  const attributes = { 'tidemark.rollout.target': job.target, 'tidemark.rollout.wave': wave }
  const run = (sound: SoundTarget) =>
    observer.runTarget(job.target, attributes, () => migrate(sound, { job, begun, context }).catch(asFailure))
  const outcome = await tryTarget(one, wave, { run, signal: context.signal })
  if (!isFinal(outcome)) throw new Error('this worker was ended')
  // Another worker still holds the lock, of which it seemed that it had died.
  const isHeld = outcome.kind === 'failed' && outcome.error.code === 'TM5003'
  if (isHeld && begun.isTakenAgain && takes <= MOST_TAKES) throw new Error('another run holds the run lock')
  await recordOutcome(context.queue, job, { outcome, redact: (text) => withoutPassword(text, one) })
  context.onOutcome(outcome)
}

/** A fault of ours fails the target: it would fail again. */
function asFailure(cause: unknown): never {
  if (cause instanceof TidemarkError) throw cause
  const message = `internal error: ${cause instanceof Error ? cause.message : String(cause)}`
  throw new TidemarkError({
    code: 'TM7099',
    message,
    help: 'please report it',
    details: { report: null },
    cause,
  })
}

function isFinal(outcome: TargetOutcome): outcome is FinalOutcome {
  return outcome.kind === 'done' || outcome.kind === 'current' || outcome.kind === 'failed'
}

async function findTarget({ rollout, target }: TargetJob, { targetsOf }: JobContext): Promise<ParsedTarget> {
  const one = (await targetsOf(rollout)).find(({ name }) => name === target)
  if (one !== undefined) return one
  const error = new TidemarkError({
    code: 'TM7072',
    message: `there is no target "${target}" in the configuration of the worker`,
    help: 'let all workers have the same targets',
  })
  return { kind: 'wrong', name: target, error }
}

function givenUp(target: string): ParsedTarget {
  const error = new TidemarkError({
    code: 'TM7075',
    message: `given up: ${MOST_TAKES} workers took "${target}", and none finished it`,
    help: 'see what the workers wrote, and why they ended: often it is memory',
  })
  return { kind: 'wrong', name: target, error }
}

interface Task {
  readonly job: TargetJob
  readonly begun: BegunTarget
  readonly context: JobContext
}

async function migrate(
  one: SoundTarget,
  { job, begun, context }: Task,
): Promise<{ readonly done: readonly MigrationId[]; readonly durationMs: number }> {
  const { options, migrations, pool, signal } = context
  const { backup, createSchema } = begun.settings
  const target = { ...one.target, createSchema: createSchema || one.target.createSchema }
  const runner = openTarget(
    { ...one, target },
    {
      options: { ...options, backup: backup ? 'destructive' : 'never' },
      migrations,
      pool,
      runId: job.rollout,
    },
  )
  // What a worker did that died before it could say so.
  const earlier = begun.isTakenAgain ? await doneBy(runner, job.rollout) : []
  const execution = { signal, backup, reason: begun.reason ?? undefined }
  const { done, durationMs } =
    begun.direction === 'up'
      ? await runner.runMigrations(execution)
      : await rollBack(runner, { begun, earlier, execution })
  return { done: [...earlier, ...done], durationMs }
}

async function doneBy(runner: MigrationRunner, rollout: string): Promise<readonly MigrationId[]> {
  const { attempts } = await runner.history()
  const own = attempts.filter(
    ({ runId, status }) => runId === rollout && status !== 'failed' && status !== 'running',
  )
  return own.map(({ migrationId }) => migrationId).reverse()
}

/** Executes exactly the plan that was shown, or what is left of it: taking a job twice takes back nothing twice. */
async function rollBack(
  runner: MigrationRunner,
  {
    begun,
    earlier,
    execution,
  }: {
    readonly begun: BegunTarget
    readonly earlier: readonly MigrationId[]
    readonly execution: ExecutionOptions
  },
) {
  const left = (begun.steps ?? []).filter((id) => !earlier.includes(id))
  if (left.length === 0) return { done: [], durationMs: 0 }
  const request: RollbackRequest =
    earlier.length === 0 && begun.request !== null ? begun.request : { kind: 'targets', ids: left }
  const { plan, target } = await runner.rollBack({ request, dryRun: true, signal: execution.signal })
  const isShown =
    earlier.length === 0
      ? plan.digest === begun.planDigest
      : plan.steps.length === left.length && plan.steps.every(({ id }) => left.includes(id))
  if (isShown) return runner.rollBack({ ...execution, request, plan: savePlan(plan, target) })
  throw new TidemarkError({
    code: 'TM4006',
    message: 'what would be rolled back is not what was shown: the database has changed since',
    help: 'look at the new plan: tidemark fleet down',
    details: { applied: [...earlier] },
  })
}

/** Takes the passwords of a target out of a text, however they are written. */
function withoutPassword(text: string, one: ParsedTarget): string {
  if (one.kind === 'wrong') return text
  const { database, directUrl } = one.target
  const found = [database, directUrl].flatMap((url) => passwordsIn(url ?? ''))
  return found.reduce((left, password) => left.replaceAll(password, '***'), text)
}

function passwordsIn(url: string): readonly string[] {
  const written = /^[a-z]+:\/\/[^\s:/?#@]*:(.*)@/i.exec(url)?.[1]
  const parameter = /[?&]password=([^&#]*)/i.exec(url)?.[1]
  return [written, parameter].flatMap((one) => (one === undefined || one === '' ? [] : [one, decoded(one)]))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
