import type { IdleSession, LockHolder, PlanStep, RunEvent, ServerNotice } from '@tidemark/core'
import { count } from '../text/count.ts'
import { formatElapsed, formatLimit } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { presentLockHolder } from '../text/present-lock-holder.ts'
import { presentPace, presentShare } from '../text/progress.ts'
import { cut } from '../text/table.ts'

type Of<K extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: K }>

/** Where a step's line is in its run: how wide the ids are. */
export interface StepLayout {
  readonly paint: Paint
  readonly idWidth: number
  /** Columns of the terminal. */
  readonly width: number
}

/**
 * Writes the line of a step that is done.
 *
 * @example presentFinished(event, layout) // ' ✓ 040_orders_index_tenant    1.4 s   no transaction'
 */
export function presentFinished({ step, durationMs }: Of<'step_finished'>, layout: StepLayout): string {
  return presentStepLine(layout.paint.green('✓'), step, durationMs, layout)
}

/** Writes the line of a step that failed. */
export function presentFailed({ step, durationMs }: Of<'step_failed'>, layout: StepLayout): string {
  return presentStepLine(layout.paint.red('✗'), step, durationMs, layout)
}

function presentStepLine(mark: string, step: PlanStep, durationMs: number, layout: StepLayout): string {
  const column = Math.min(layout.idWidth, Math.max(LEAST_ID, layout.width - MARK_WIDTH - TIME_WIDTH))
  const time = ` ${formatElapsed(durationMs)}`.padStart(TIME_WIDTH)
  const line = ` ${mark} ${cut(step.id, column).padEnd(column)}${time}`
  const note = noteOf(step)
  if (note === '') return line
  const place = MARK_WIDTH + column + TIME_WIDTH + GAP.length + note.length <= layout.width ? '' : '\n'
  return `${line}${place}${layout.paint.dim(`${GAP}${note}`)}`
}

const MARK_WIDTH = 3
const TIME_WIDTH = 10
const LEAST_ID = 10
const GAP = '   '

function noteOf(step: PlanStep): string {
  if (step.kind === 'record' || step.kind === 'unrecord') return 'recorded without executing'
  if (step.kind === 'verify') return 'verified'
  const { transaction } = step.kind === 'apply' ? step.migration.header : step.stored.header
  const notes = [
    transaction === 'none' ? 'no transaction' : '',
    isInBatches(step) ? 'in batches' : '',
    step.resumeAt > 0 ? `from statement ${step.resumeAt + 1}` : '',
    step.kind === 'apply' && step.reason === 'changed' ? 'changed' : '',
  ]
  return notes.filter((text) => text !== '').join('   ')
}

/** A `@down` may be one statement although its `@up` runs in batches. */
function isInBatches(step: PlanStep): boolean {
  return step.kind === 'apply' && step.migration.header.batches !== undefined
}

/** Writes what was saved before a step that destroys it. */
export function presentBackup({ step, details, durationMs }: Of<'backup_finished'>): string {
  const { path, tables, rows } = details
  const names = Array.isArray(tables) ? tables.map(String) : []
  const counts = `${count(names.length, 'table')}, ${count(Number(rows), 'row')}`
  return `   ${step.id}: saved ${names.join(', ')} in ${String(path)}  ${counts}  ${formatElapsed(durationMs)}`
}

/** Writes that the run waits for another runner, how long at most, and who that is. */
export function presentWaiting({ limitMs, holder }: Of<'lock_waiting'>): string {
  const limit = limitMs === 0 ? '' : `, ${formatLimit(limitMs)} at most`
  return `waiting for another runner${limit}${holder === null ? '' : `: ${presentLockHolder(holder)}`}`
}

/**
 * Writes that the holder of the run lock has long been idle: a pooler may keep the session of a runner that
 * is gone.
 */
export function presentIdleHolder({ pid, idle }: LockHolder & { readonly idle: IdleSession }): string {
  const client = idle.client === null ? '' : ` for ${idle.client}`
  return [
    `   pid ${pid} is idle${client} since ${idle.since.toISOString().slice(11, 19)}Z and nothing has been recorded since`,
    `   if its runner is gone, a pooler keeps its session; to end it: SELECT pg_terminate_backend(${pid});`,
  ].join('\n')
}

/** Writes that a step is retried, and who blocked it. */
export function presentRetry(event: Of<'step_retry'>): string {
  const again = `retry ${event.attempt} of ${event.limit} in ${formatElapsed(event.delayMs)}`
  return [` ↻ ${event.id}  ${whyRetried(event)}, ${again}`, ...listHolders(event.blockers)].join('\n')
}

/** Writes that a statement waits for a lock, and who holds it. */
export function presentBlocked({ id, index, blockers }: Of<'statement_blocked'>): string {
  return [` … ${id}  statement ${index + 1} waits for a lock`, ...listHolders(blockers)].join('\n')
}

function listHolders(holders: readonly LockHolder[]): readonly string[] {
  return holders.map((holder) => `   held by ${presentLockHolder(holder)}`)
}

/** Says why a step could not go on, with the SQLSTATE. */
export function whyRetried({ sqlState }: Of<'step_retry'>): string {
  return WHY[sqlState] ?? sqlState
}

const WHY: Readonly<Record<string, string>> = {
  '55P03': 'lock not granted (55P03)',
  '40P01': 'deadlock (40P01)',
  '40001': 'serialization failure (40001)',
}

/** Writes how far a migration in batches is. */
export function presentBatch(event: Of<'batch_finished'>): string {
  return `   ${event.id}  ${presentPace(event)}`
}

/** Writes that the next batch waits for a standby. */
export function presentLag({ lagMs, limitMs }: Pick<Of<'batch_waiting'>, 'lagMs' | 'limitMs'>): string {
  return `waits for a standby that is ${formatElapsed(lagMs)} behind (at most ${formatLimit(limitMs)})`
}

/** Writes that a migration in batches was stopped to let another run in. */
export function presentYield({ step, progress }: Of<'step_paused'>): string {
  const share = progress === null ? '' : ` at ${presentShare(progress)}`
  return `   ${step.id} stops${share}: another run is let in, then this one goes on`
}

/** Writes a line of a hook. */
export function presentHookOutput({ hook, line }: Pick<Of<'hook_output'>, 'hook' | 'line'>): string {
  return `   ${hook}: ${line}`
}

/** Writes that a hook failed and decided nothing. */
export function presentHookFailure({ error }: Of<'hook_failed'>, { yellow, cyan }: Paint): string {
  return `${yellow(`warning ${error.code}`)}: ${error.message}\n${cyan('help')}: ${error.help}`
}

/** Writes a notice of the server, with the migration it belongs to. */
export function presentNotice(id: string, { severity, message, detail, hint }: ServerNotice): string {
  const more = [
    detail === null ? '' : `\n   DETAIL  ${detail}`,
    hint === null ? '' : `\n   HINT  ${hint}`,
  ].join('')
  return `   ${severity}  ${id}: ${message}${more}`
}
