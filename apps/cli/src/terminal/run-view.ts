import type { RunEvent, TidemarkError } from '@tidemark/core'
import { formatElapsed } from '../present/duration.ts'
import {
  presentBackup,
  presentFailed,
  presentFinished,
  presentNotice,
  presentRetry,
  presentRunning,
  presentWaiting,
} from '../present/run-event.ts'
import type { LiveLine } from './live-line.ts'
import type { Paint } from './paint.ts'

/** Where a run is shown. */
export interface RunViewOptions {
  readonly live: LiveLine
  readonly paint: Paint
  /** Lines of the result: the heading and the steps that are done. */
  readonly result: (line: string) => void
  /** Lines about the way there: waits, retries, notices, failures. */
  readonly progress: (line: string) => void
  /** Every statement with its time. */
  readonly verbose: boolean
  /** A step that failed, with the reason: shown also where progress is not. */
  readonly failure: (line: string) => void
  /** The first line, once connection and plan are known. */
  readonly heading: (
    event: Extract<RunEvent, { readonly kind: 'connected' | 'planned' }>,
  ) => string | undefined
  readonly describeFailure: (error: TidemarkError) => string
}

/** Shows a run as it happens. The functions it writes to decide what `--quiet` and `--json` leave of it. */
export function createRunView(options: RunViewOptions): (event: RunEvent) => void {
  const { live, paint } = options
  let idWidth = 0
  let shown: (() => string) | undefined
  const write = (to: (line: string) => void, line: string): void => {
    live.hide()
    to(line)
    if (shown !== undefined) live.show(shown)
  }
  const show = (text: string): void => {
    const startedAt = performance.now()
    shown = () => `${text}  ${formatElapsed(performance.now() - startedAt)}`
    live.show(shown)
  }
  const hide = (): void => {
    shown = undefined
    live.hide()
  }
  let saidWaiting = false
  return (event) => {
    switch (event.kind) {
      case 'connected':
      case 'planned': {
        if (event.kind === 'planned') idWidth = Math.max(0, ...event.plan.steps.map(({ id }) => id.length))
        hide()
        const heading = options.heading(event)
        if (heading !== undefined) write(options.result, heading)
        return
      }
      case 'lock_waiting':
        if (!saidWaiting) write(options.progress, presentWaiting(event))
        saidWaiting = true
        return show(presentWaiting(event))
      case 'lock_acquired':
        return hide()
      case 'step_started':
        return show(`${event.step.id}  ${event.index + 1} of ${event.count}`)
      case 'statement_started':
      case 'statement_progress':
        return show(presentRunning(event))
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
      case 'backup_started':
        return show(`${event.step.id}  saving what it destroys`)
      case 'backup_finished':
        hide()
        return write(options.progress, paint.dim(presentBackup(event)))
      case 'step_finished':
        hide()
        return write(options.result, presentFinished(event, { paint, idWidth }))
      case 'step_failed':
        hide()
        return write(
          options.failure,
          `${presentFailed(event, { paint, idWidth })}\n${options.describeFailure(event.error)}`,
        )
      case 'run_finished':
        return hide()
      default:
        return
    }
  }
}
