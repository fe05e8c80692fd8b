import type { RunEvent, TidemarkError } from '@tidemark/core'
import type { LiveLine } from '../terminal/live-line.ts'
import { formatElapsed } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import {
  presentBackup,
  presentBatch,
  presentBlocked,
  presentFailed,
  presentFinished,
  presentHookFailure,
  presentHookOutput,
  presentIdleHolder,
  presentLag,
  presentNotice,
  presentRetry,
  presentWaiting,
  presentYield,
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

/**
 * A wait that is printed for good, and not only shown while it lasts: longer than the usual lock timeout,
 * which reports itself.
 */
const LONG_WAIT_MS = 10_000

const BATCH_LINE_MS = 60_000

/** Shows a run as it happens. The functions it writes to decide what `--quiet` and `--json` leave of it. */
export function createRunView(options: RunViewOptions): (event: RunEvent) => void {
  const { live, clock } = options
  let idWidth = 0
  let running: RunningStep | undefined
  const reported = new Set<string>()
  const batches = new Map<string, number>()
  /** A line a minute; on a terminal the live line shows them all. */
  const mayWriteBatch = (id: string): boolean => {
    const since = clock() - (batches.get(id) ?? clock())
    if (!batches.has(id) || since >= BATCH_LINE_MS) batches.set(id, clock())
    return since >= BATCH_LINE_MS
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
  return (event) => {
    if (event.kind === 'planned') idWidth = Math.max(0, ...event.plan.steps.map(({ id }) => id.length))
    running = noteRunning(running, event, clock())
    const line = describeEvent(event, { ...options, mayWriteBatch }, idWidth)
    if (line !== undefined && !(line.once !== undefined && reported.has(line.once))) {
      if (line.once !== undefined) reported.add(line.once)
      live.hide()
      line.write(line.text)
    }
    show(event)
  }
}

interface Line {
  readonly text: string
  readonly write: (text: string) => void
  /** What is written only once. */
  readonly once?: string
}

function describeEvent(
  event: RunEvent,
  options: RunViewOptions & { readonly mayWriteBatch: (id: string) => boolean },
  idWidth: number,
): Line | undefined {
  const { paint, width, progress, result } = options
  switch (event.kind) {
    case 'connected':
    case 'planned': {
      const text = options.heading(event)
      return text === undefined ? undefined : { text, write: result }
    }
    case 'lock_waiting': {
      const { waitedMs, holder } = event
      if (waitedMs < LONG_WAIT_MS || holder?.idle === undefined) {
        return { text: presentWaiting(event), write: progress, once: event.kind }
      }
      const text = paint.yellow(presentIdleHolder({ ...holder, idle: holder.idle }))
      return { text, write: progress, once: `idle ${holder.pid}` }
    }
    case 'statement_blocked':
      if (event.waitedMs < LONG_WAIT_MS) return undefined
      return {
        text: paint.yellow(presentBlocked(event)),
        write: progress,
        once: `${event.id} ${event.index}`,
      }
    case 'statement_finished': {
      if (!options.verbose) return undefined
      const time = formatElapsed(event.durationMs)
      return {
        text: `   ${event.id}  statement ${event.index + 1} of ${event.count}  ${time}`,
        write: progress,
      }
    }
    case 'note':
      return { text: `note: ${event.message}\nhelp: ${event.help}`, write: progress, once: event.message }
    case 'hook_output':
      return { text: presentHookOutput(event), write: progress }
    case 'hook_failed':
      return {
        text: presentHookFailure(event, paint),
        write: (text) => options.failure(text, event.error),
      }
    case 'notice':
      return { text: paint.dim(presentNotice(event.id, event.notice)), write: progress }
    case 'step_retry':
      return { text: paint.yellow(presentRetry(event)), write: progress }
    case 'batch_finished':
      return options.mayWriteBatch(event.id) ? { text: presentBatch(event), write: progress } : undefined
    case 'batch_waiting':
      return { text: `   ${event.id}  ${presentLag(event)}`, write: progress, once: `lag ${event.id}` }
    case 'step_paused':
      return event.reason === 'time' ? undefined : { text: presentYield(event), write: progress }
    case 'backup_finished':
      return { text: paint.dim(presentBackup(event)), write: progress }
    case 'step_finished':
      return { text: presentFinished(event, { paint, idWidth, width }), write: result }
    case 'step_failed':
      return {
        text: `${presentFailed(event, { paint, idWidth, width })}\n${options.describeFailure(event.error)}`,
        write: (text) => options.failure(text, event.error),
      }
    default:
      return undefined
  }
}
