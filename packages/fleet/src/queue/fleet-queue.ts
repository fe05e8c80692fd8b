import { TidemarkError } from '@tidemark/core'
import type { FleetOptions } from '../fleet-options.ts'
import type { RolloutResult } from '../rollout/outcome.ts'
import type { QueuedChoice, QueuedRollout } from './rollout-store.ts'
import type { WatchOptions } from './watch-queued.ts'
import type { WorkOptions } from './work.ts'

/**
 * The queue of a fleet. A rollout is named by its id or the beginning of one; without a name, the only one that
 * is open is meant.
 */
export interface FleetQueue {
  /** Takes jobs until the signal is given. */
  work(options?: WorkOptions): Promise<void>
  /** Watches a rollout until it is over. */
  attach(rollout?: string, options?: WatchOptions): Promise<RolloutResult>
  /** Lets nothing more begin; what runs is finished. */
  cancel(rollout?: string): Promise<QueuedRollout>
  /** Lets nothing more begin until `resume`; what runs is finished. */
  pause(rollout?: string): Promise<QueuedRollout>
  resume(rollout?: string): Promise<QueuedRollout>
  /** Lists rollouts, the newest first. Reads only. */
  list(choice?: QueuedChoice): Promise<readonly QueuedRollout[]>
}

/** Makes the queue of a fleet. What it needs is loaded when it is used. */
export function openFleetQueue(options: FleetOptions): FleetQueue {
  const open = async (): Promise<FleetQueue> => {
    if (options.queue === undefined) throw withoutQueue()
    const { openQueue } = await import('./open-queue.ts')
    return openQueue(options, options.queue)
  }
  return {
    work: async (given) => (await open()).work(given),
    attach: async (rollout, given) => (await open()).attach(rollout, given),
    cancel: async (rollout) => (await open()).cancel(rollout),
    pause: async (rollout) => (await open()).pause(rollout),
    resume: async (rollout) => (await open()).resume(rollout),
    list: async (choice) => (await open()).list(choice),
  }
}

function withoutQueue(): TidemarkError {
  return new TidemarkError({
    code: 'TM7073',
    message: 'the fleet has no queue: workers, --attach, --pause, --resume and cancel need one',
    help: 'name a PostgreSQL database for it in the configuration: "fleet": { "queue": "postgres://…" }; see docs/fleet.md',
  })
}
