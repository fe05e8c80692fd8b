import type { RunEvent } from '@tidemark/core'
import type { FleetEvent } from '@tidemark/fleet'
import { noteRunning } from '../run/present-running-step.ts'
import type { LiveLine } from '../terminal/live-line.ts'
import { count } from '../text/count.ts'
import { formatLimit } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { fleetEventToJson } from './fleet-to-json.ts'
import { presentOutcome } from './present-fleet.ts'
import {
  presentRolloutTable,
  presentWave,
  type RunningTarget,
  type WaveState,
} from './present-rollout-table.ts'

/** Where a rollout is shown. */
export interface RolloutView {
  /** Undefined where nothing can be redrawn: then each target that was tried has a line. */
  readonly live: LiveLine | undefined
  readonly paint: Paint
  /** Writes one line for good. */
  readonly line: (text: string) => void
  /** Milliseconds that only grow. */
  readonly clock: () => number
}

/** What listens to a rollout. */
export interface RolloutWatch {
  readonly onEvent: (event: FleetEvent) => void
  readonly onRunEvent: (target: string, event: RunEvent) => void
}

/**
 * Shows a rollout as it happens. On a terminal: a table with the wave and the targets that run, and above it, for
 * good, each target that failed and each wave that is over. Elsewhere a line for each wave and each target that was
 * tried; targets that are current have none.
 */
export function watchRollout(view: RolloutView): RolloutWatch {
  return view.live === undefined ? watchLines(view) : watchTable(view, view.live)
}

function watchLines({ paint, line }: RolloutView): RolloutWatch {
  return {
    onEvent: (event) => {
      if (event.kind === 'wave_started' && event.waves > 1)
        line(`${paint.bold(titleOf(event))}  ${count(event.targets, 'target')}`)
      else if (event.kind !== 'wave_started') writeEvent(event, { paint, line })
    },
    onRunEvent: () => undefined,
  }
}

function watchTable({ paint, line, clock }: RolloutView, live: LiveLine): RolloutWatch {
  const running = new Map<string, RunningTarget>()
  let wave: WaveState | undefined
  let isOnly = true
  const write = (text: string): void => {
    live.hide()
    line(text)
  }
  const endWave = (): void => {
    if (wave !== undefined && !isOnly) write(presentWave(wave, clock()))
    wave = undefined
  }
  const note = (event: FleetEvent): void => {
    if (event.kind === 'wave_started') {
      isOnly = event.waves === 1
      const none = { done: 0, current: 0, failed: 0, interrupted: 0 }
      wave = { title: titleOf(event), targets: event.targets, startedAtMs: clock(), ...none }
    } else if (event.kind === 'target_started') {
      const { name } = event
      running.set(name, { name, startedAtMs: clock(), step: undefined })
    } else if (event.kind === 'target_finished') {
      const { name, kind } = event.outcome
      running.delete(name)
      if (wave !== undefined && kind !== 'not_begun') wave = { ...wave, [kind]: wave[kind] + 1 }
      if (kind === 'failed') writeEvent(event, { paint, line: write })
      if (wave !== undefined && running.size === 0 && triedOf(wave) === wave.targets) endWave()
    } else {
      endWave()
      writeEvent(event, { paint, line: write })
    }
  }
  return {
    onEvent: (event) => {
      note(event)
      const shown = wave
      if (shown === undefined || running.size === 0) live.hide()
      else
        live.show((width, height) =>
          presentRolloutTable(wave ?? shown, [...running.values()], { nowMs: clock(), width, height }),
        )
    },
    onRunEvent: (name, event) => {
      const known = running.get(name)
      if (known !== undefined) running.set(name, { ...known, step: noteRunning(known.step, event, clock()) })
    },
  }
}

function titleOf({ number, waves, wave }: Extract<FleetEvent, { readonly kind: 'wave_started' }>): string {
  return `wave ${number} of ${waves}: ${wave}`
}

function triedOf({ done, current, failed, interrupted }: WaveState): number {
  return done + current + failed + interrupted
}

function writeEvent(
  event: Exclude<FleetEvent, { readonly kind: 'wave_started' }>,
  { paint, line }: Pick<RolloutView, 'paint' | 'line'>,
): void {
  if (event.kind === 'target_finished') {
    const shown = fleetEventToJson(event)
    if (event.outcome.kind !== 'current' && shown.event === 'target_finished')
      line(presentOutcome(shown, paint))
  } else if (event.kind === 'pausing') {
    line(`waiting ${formatLimit(event.durationMs)} before the wave ${event.next}`)
  } else if (event.kind === 'queued') {
    line(
      `rollout ${event.rolloutId} is in the queue: ${count(event.targets, 'target')}; Ctrl-C ends only the watching`,
    )
  } else if (event.kind === 'waiting') {
    const flag = event.direction === 'down' ? ' --allow-down' : ''
    line(`no worker has taken anything yet: one with the same files is needed, tidemark fleet work${flag}`)
  } else if (event.kind === 'paused' || event.kind === 'resumed') {
    line(event.kind)
  } else if (event.kind === 'stopped') {
    line(
      `${paint.red('stopped')}: ${event.failures} failed, and ${event.allowed} may (maxFailures); ${event.notBegun} not begun`,
    )
  }
}
