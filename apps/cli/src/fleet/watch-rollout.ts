import type { FleetEvent } from '@tidemark/fleet'
import type { LiveLine } from '../terminal/live-line.ts'
import { count } from '../text/count.ts'
import { formatElapsed, formatLimit } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { fleetEventToJson } from './fleet-to-json.ts'
import { presentOutcome } from './present-fleet.ts'

/** Where a rollout is shown. */
export interface RolloutView {
  readonly live: LiveLine
  readonly paint: Paint
  /** Writes one line for good. */
  readonly line: (text: string) => void
  /** Milliseconds that only grow. */
  readonly clock: () => number
}

/**
 * Shows a rollout as it happens: a line for each wave and each target that was tried, and on a terminal one line
 * that tells how far it is. Targets that are current have no line.
 */
export function watchRollout({ live, paint, line, clock }: RolloutView): (event: FleetEvent) => void {
  const startedAt = clock()
  const running = new Set<string>()
  let wave = { title: '', targets: 0, done: 0, failed: 0 }
  const show = (): void =>
    live.show((width) => {
      const names = [...running].join(', ')
      const failed = wave.failed === 0 ? '' : `, ${wave.failed} failed`
      return `${wave.title}  ${wave.done} of ${wave.targets}${failed}  ${formatElapsed(clock() - startedAt)}  ${names}`.slice(
        0,
        width * 2,
      )
    })
  const write = (text: string): void => {
    live.hide()
    line(text)
  }
  return (event) => {
    if (event.kind === 'wave_started') {
      const title = `wave ${event.number} of ${event.waves}: ${event.wave}`
      wave = { title, targets: event.targets, done: 0, failed: 0 }
      if (event.waves > 1) write(`${paint.bold(title)}  ${count(event.targets, 'target')}`)
    } else if (event.kind === 'target_started') {
      running.add(event.name)
    } else if (event.kind === 'target_finished') {
      const { outcome } = event
      running.delete(outcome.name)
      wave.done += 1
      if (outcome.kind === 'failed') wave.failed += 1
      const shown = fleetEventToJson(event)
      if (outcome.kind !== 'current' && shown.event === 'target_finished') write(presentOutcome(shown, paint))
    } else if (event.kind === 'pausing') {
      write(`waiting ${formatLimit(event.durationMs)} before the wave ${event.next}`)
    } else {
      write(
        `${paint.red('stopped')}: ${event.failures} failed, and ${event.allowed} may (maxFailures); ${event.notBegun} not begun`,
      )
    }
    if (running.size > 0) show()
    else live.hide()
  }
}
