import type { FleetWorkEventJson } from '../schema/fleet-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import { presentOutcome } from './present-fleet.ts'

/** Writes what happens in a worker, a line each; undefined for what is not worth one. */
export function presentWorkEvent(
  event: FleetWorkEventJson,
  { paint }: Pick<Terminal, 'paint'>,
): string | undefined {
  switch (event.event) {
    case 'ready':
      return `${paint.bold('worker')}  takes ${count(event.concurrency, 'target')} at a time, with ${count(event.files, 'migration')}`
    case 'target_started':
      return undefined
    case 'target_finished':
      return presentOutcome(event, paint)
    case 'left':
      return event.reason === 'down'
        ? `leaves the rollout ${event.rolloutId} to other workers: it rolls back, and this worker was started without --allow-down`
        : `leaves the rollout ${event.rolloutId} to other workers: it is made from other files`
    case 'ending':
      return event.running === 0 ? 'ends' : `ends when ${count(event.running, 'target')} is done`
    case 'warning':
      return `${paint.yellow('warning')}: ${event.message}`
  }
}
