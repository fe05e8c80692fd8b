import type { LockHolder, RunEvent } from '@tidemark/core'
import { formatBytes } from '../text/bytes.ts'
import { formatElapsed } from '../text/duration.ts'
import { presentLockHolders } from '../text/present-lock-holder.ts'
import { drawBar, presentPace } from '../text/progress.ts'
import { cut, textWidth } from '../text/table.ts'
import { presentLag, whyRetried } from './present-run-event.ts'

type Of<K extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: K }>

/** What is known of the step that runs now. Moments are those of the caller's clock. */
export interface RunningStep {
  readonly id: string
  readonly startedAtMs: number
  /** Where it is, such as `statement 2 of 3`. */
  readonly place: string
  /** The statement, or how far it is. */
  readonly detail: string
  /** Who blocks it. Reported again while it lasts, so that an old one means that nobody does any more. */
  readonly blocked?: { readonly atMs: number; readonly blockers: readonly LockHolder[] } | undefined
  /** It waits to be tried again. */
  readonly retry?: { readonly atMs: number; readonly event: Of<'step_retry'> } | undefined
}

const BLOCKED_LASTS_MS = 1000

/** Gives what is known of the running step after an event; undefined when none runs. */
export function noteRunning(
  running: RunningStep | undefined,
  event: RunEvent,
  nowMs: number,
): RunningStep | undefined {
  switch (event.kind) {
    case 'step_started': {
      const { startedAtMs } = ofStep(running, event.step.id, nowMs)
      return {
        id: event.step.id,
        startedAtMs,
        place: `migration ${event.index + 1} of ${event.count}`,
        detail: '',
      }
    }
    case 'backup_started':
      return { ...ofStep(running, event.step.id, nowMs), place: '', detail: 'saving what it destroys' }
    case 'statement_started': {
      const place = `statement ${event.index + 1} of ${event.count}`
      const { id, startedAtMs } = ofStep(running, event.id, nowMs)
      return { id, startedAtMs, place, detail: event.summary }
    }
    case 'statement_progress':
      return { ...ofStep(running, event.id, nowMs), detail: presentProgress(event) }
    case 'batch_finished': {
      const bar = drawBar(event.progress.percent)
      return {
        ...ofStep(running, event.id, nowMs),
        place: '',
        detail: `${bar}${presentPace(event)}`,
        retry: undefined,
      }
    }
    case 'batch_waiting':
      return { ...ofStep(running, event.id, nowMs), detail: presentLag(event) }
    case 'statement_blocked':
      return {
        ...ofStep(running, event.id, nowMs),
        blocked: { atMs: nowMs, blockers: event.blockers },
      }
    case 'step_retry':
      return { ...ofStep(running, event.id, nowMs), retry: { atMs: nowMs, event } }
    case 'step_finished':
    case 'step_paused':
    case 'step_failed':
    case 'run_finished':
      return undefined
    default:
      return running
  }
}

function ofStep(running: RunningStep | undefined, id: string, nowMs: number): RunningStep {
  return running?.id === id ? running : { id, startedAtMs: nowMs, place: '', detail: '' }
}

function presentProgress({ phase, done, total, unit }: Of<'statement_progress'>): string {
  if (total === 0) return phase
  if (unit === 'lockers') return `${phase}  ${done} of ${total}`
  const share = `${Math.floor((100 * done) / total)} %`
  return unit === 'bytes'
    ? `${phase}  ${share}  ${formatBytes(done)} of ${formatBytes(total)}`
    : `${phase}  ${share}`
}

/** Where the live line is: under the lines of finished steps, in so many columns. */
export interface RunningLayout {
  readonly nowMs: number
  readonly idWidth: number
  readonly width: number
}

const TIME_WIDTH = 10
const GAP = '   '
const LEAST_ID = 10
const LEAST_DETAIL = 16

/**
 * Writes the running step in the columns of the finished ones. The time is never cut: where there is little
 * room the id gives way, then what the step does.
 *
 * @example presentRunningStep(running, layout) // '040_orders_index    1.4 s   statement 2 of 2  CREATE INDEX CONCU…'
 */
export function presentRunningStep(running: RunningStep, { nowMs, idWidth, width }: RunningLayout): string {
  const room = width - TIME_WIDTH - GAP.length - LEAST_DETAIL
  const id = cut(running.id, Math.max(LEAST_ID, room))
  const space = ' '.repeat(Math.max(0, Math.min(idWidth, room) - textWidth(id)))
  const time = ` ${formatElapsed(nowMs - running.startedAtMs)}`.padStart(TIME_WIDTH)
  return cut(`${id}${space}${time}${GAP}${describe(running, nowMs)}`, width)
}

function describe({ place, detail, blocked, retry }: RunningStep, nowMs: number): string {
  if (retry !== undefined) return presentCountdown(retry.event, nowMs - retry.atMs)
  const isBlocked = blocked !== undefined && nowMs - blocked.atMs < BLOCKED_LASTS_MS
  const parts = [place, isBlocked ? `waits for ${presentLockHolders(blocked.blockers)}` : detail]
  return parts.filter((part) => part !== '').join('  ')
}

function presentCountdown(event: Of<'step_retry'>, sinceMs: number): string {
  const left = formatElapsed(Math.max(0, event.delayMs - sinceMs))
  return `retry ${event.attempt} of ${event.limit} in ${left}: ${whyRetried(event)}`
}
