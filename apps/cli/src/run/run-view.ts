import type { RunEvent, TidemarkError } from '@tidemark/core'
import type { LiveLine } from '../terminal/live-line.ts'
import { formatElapsed } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import {
  presentBackup,
  presentBlocked,
  presentFailed,
  presentFinished,
  presentNotice,
  presentRetry,
  presentWaiting,
} from './present-run-event.ts'
import { noteRunning, presentRunningStep, type RunningStep } from './present-running-step.ts'

/** Where a run is shown. */
export interface RunViewOptions {
  readonly live: LiveLine
  readonly paint: Paint
  /** Columns of the place that lines go to. */
  readonly width: number
  /** Lines of the result: the heading and the steps that are done. */
  readonly result: (line: string) => void
  /** Lines about the way there: waits, retries, notices, failures. */
  readonly progress: (line: string) => void
  /** Every statement with its time. */
  readonly verbose: boolean
  /** A step that failed, with the reason: shown also where progress is not. */
  readonly failure: (line: string, error: TidemarkError) => void
  /** The first line, once connection and plan are known. */
  readonly heading: (
    event: Extract<RunEvent, { readonly kind: 'connected' | 'planned' }>,
  ) => string | undefined
  readonly describeFailure: (error: TidemarkError) => string
  /** Milliseconds that only grow. */
  readonly clock: () => number
}

/** A wait that is printed for good, and not only shown while it lasts: longer than the usual lock timeout, which tells of itself. */
const LONG_WAIT_MS = 10_000

/** Shows a run as it happens. The functions it writes to decide what `--quiet` and `--json` leave of it. */
export function createRunView(options: RunViewOptions): (event: RunEvent) => void {
  const { live, paint, width: columns, clock } = options
  let idWidth = 0
  let running: RunningStep | undefined
  const reported = new Set<string>()
  const write = (to: (line: string) => void, line: string): void => {
    live.hide()
    to(line)
  }
  const writeOnce = (what: string, line: () => string): void => {
    if (reported.has(what)) return
    reported.add(what)
    write(options.progress, line())
  }
  const show = (event: RunEvent): void => {
    const shown = showing(event)
    if (shown === undefined) live.hide()
    else live.show(shown)
  }
  const showing = (event: RunEvent): ((width: number) => string) | undefined => {
    if (event.kind === 'lock_waiting') {
      const startedAtMs = clock() - event.waitedMs
      return () => `${formatElapsed(clock() - startedAtMs)}  ${presentWaiting(event)}`
    }
    const step = running
    return step && ((width) => presentRunningStep(step, { nowMs: clock(), idWidth, width }))
  }
  const tell = (event: RunEvent) => {
    switch (event.kind) {
      case 'connected':
      case 'planned': {
        const heading = options.heading(event)
        if (heading !== undefined) write(options.result, heading)
        return
      }
      case 'lock_waiting':
        return writeOnce(event.kind, () => presentWaiting(event))
      case 'statement_blocked':
        if (event.waitedMs < LONG_WAIT_MS) return
        return writeOnce(`${event.id} ${event.index}`, () => paint.yellow(presentBlocked(event)))
      case 'statement_finished':
        if (options.verbose) {
          const time = formatElapsed(event.durationMs)
          write(options.progress, `   ${event.id}  statement ${event.index + 1} of ${event.count}  ${time}`)
        }
        return
      case 'notice':
        return write(options.progress, paint.dim(presentNotice(event.id, event.notice)))
      case 'step_retry':
        return write(options.progress, paint.yellow(presentRetry(event)))
      case 'backup_finished':
        return write(options.progress, paint.dim(presentBackup(event)))
      case 'step_finished':
        return write(options.result, presentFinished(event, { paint, idWidth, width: columns }))
      case 'step_failed':
        return write(
          (line) => options.failure(line, event.error),
          `${presentFailed(event, { paint, idWidth, width: columns })}\n${options.describeFailure(event.error)}`,
        )
      default:
        return
    }
  }
  return (event) => {
    if (event.kind === 'planned') idWidth = Math.max(0, ...event.plan.steps.map(({ id }) => id.length))
    running = noteRunning(running, event, clock())
    tell(event)
    show(event)
  }
}
