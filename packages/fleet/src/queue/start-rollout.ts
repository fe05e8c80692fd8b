import { createHash } from 'node:crypto'
import type { RollbackRequest, SavedPlan } from '@tidemark/core'
import { defaultExecutor, durationMs } from '@tidemark/pg-driver/engine'
import type { FleetOptions } from '../fleet-options.ts'
import { openFiles } from '../rollout/ask-targets.ts'
import type { RolloutResult } from '../rollout/outcome.ts'
import type { ParsedTarget } from '../target/parse-targets.ts'
import type { Wave } from '../wave/plan-waves.ts'
import { allowedFailures } from '../wave/stop-rule.ts'
import { FEW, withQueue } from './open-queue.ts'
import { describeFiles } from './rollout-files.ts'
import { insertRollout, type NewTarget } from './rollout-store.ts'
import { type WatchOptions, watchQueued } from './watch-queued.ts'

/** What is rolled out. */
export interface QueuedTask {
  readonly id: string
  readonly direction: 'up' | 'down'
  readonly waves: readonly Wave[]
  readonly reason: string | undefined
  readonly traceparent: string | undefined
  /** Of a rollback: what was asked for, and the plan of each target. */
  readonly request: RollbackRequest | undefined
  readonly plans: ReadonlyMap<string, SavedPlan> | undefined
}

/** Puts a rollout into the queue and watches it; the signal ends the watching. */
export async function startRollout(
  options: FleetOptions & { readonly queue: string },
  { plans, waves, ...task }: QueuedTask,
  watching: Required<WatchOptions>,
): Promise<RolloutResult> {
  const files = await describeFiles(openFiles(options), options.environment)
  const targets = targetsOf(waves, options.perServer ?? 4, plans)
  return withQueue(options.queue, FEW, async (pool) => {
    await insertRollout(pool, {
      ...{ ...task, files, targets },
      waves: waves.map(({ name }) => name),
      pauseMs: durationMs('pause', options.pause, 0),
      allowed: allowedFailures(options.maxFailures ?? 0, targets.length),
      settings: {
        backup: options.backup === 'destructive',
        createSchema: options.createSchema === true,
      },
      executedBy: options.executedBy ?? defaultExecutor(),
    })
    watching.onEvent?.({ kind: 'queued', rolloutId: task.id, targets: targets.length })
    return watchQueued(pool, task.id, watching)
  })
}

/** A server has as many slots as targets may run on it at a time; the engine runs one job of a slot at a time. */
function targetsOf(
  waves: readonly Wave[],
  perServer: number,
  plans: ReadonlyMap<string, SavedPlan> | undefined,
): readonly NewTarget[] {
  const taken = new Map<string, number>()
  const slotOf = (one: ParsedTarget): string | null => {
    if (one.kind === 'wrong') return null
    const number = taken.get(one.server) ?? 0
    taken.set(one.server, number + 1)
    const server = createHash('sha256').update(one.server).digest('hex').slice(0, 32)
    return `server ${server} ${number % perServer}`
  }
  return waves.flatMap(({ targets }, wave) =>
    targets.map((one) => {
      const plan = plans?.get(one.name)
      return {
        name: one.name,
        wave,
        slot: slotOf(one),
        planDigest: plan?.digest ?? null,
        steps: plan?.steps.map(({ id }) => id) ?? null,
      }
    }),
  )
}
