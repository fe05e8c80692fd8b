import type { Fleet } from '@tidemark/fleet'
import type { Settings } from '../config/settings.ts'
import { queuedToJson, workEventToJson } from '../fleet/fleet-to-json.ts'
import { presentQueued } from '../fleet/present-queue.ts'
import { presentWorkEvent } from '../fleet/present-work.ts'
import { FleetCommand, type FleetRollout } from './fleet-command.ts'
import type { QueueRequest } from './fleet-flags.ts'

/** The flags of a worker. */
export interface WorkFlags {
  readonly concurrency?: number | undefined
  readonly quiet?: boolean | undefined
  readonly 'json-lines': boolean
  readonly 'allow-down': boolean
}

/** The base of the command for many databases, with what is for a queue. */
export abstract class FleetQueueCommand extends FleetCommand {
  /** Takes jobs until SIGINT or SIGTERM; what runs is finished then. */
  protected async work(fleet: Fleet, flags: WorkFlags): Promise<void> {
    const { concurrency, quiet = false, 'json-lines': jsonLines, 'allow-down': allowDown } = flags
    const { signal } = this.runtime.interrupts
    const isJson = jsonLines || this.isJson
    await fleet.queue.work({
      ...{ concurrency, allowDown },
      signal,
      onEvent: (event) => {
        const shown = workEventToJson(event)
        const line = isJson ? JSON.stringify(shown) : presentWorkEvent(shown, this.terminal)
        const isSaid = !quiet || isJson || (shown.event === 'target_finished' && shown.outcome === 'failed')
        if (line !== undefined && isSaid) process.stdout.write(`${line}\n`)
      },
    })
  }

  protected async askQueue(
    fleet: Fleet,
    settings: Settings,
    {
      request,
      rollout,
      shown,
    }: { readonly request: QueueRequest; readonly rollout: string | undefined; readonly shown: FleetRollout },
  ): Promise<void> {
    if (request === 'attach') {
      return this.follow(settings, shown, (options) => fleet.queue.attach(rollout, options))
    }
    const found = queuedToJson(await fleet.queue[request](rollout))
    this.finish({ json: () => found, text: () => presentQueued(found, this.terminal) })
  }
}
