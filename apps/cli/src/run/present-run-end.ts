import type { RunJson } from '../schema/run-schemas.ts'
import { count } from '../text/count.ts'
import { formatElapsed } from '../text/duration.ts'
import { listFew } from '../text/few.ts'
import type { Paint } from '../text/paint.ts'
import { presentShare } from '../text/progress.ts'

/**
 * Writes the last line of a run that did all it was to do.
 *
 * @param nothing what to say when there was nothing to do.
 */
export function presentRunEnd(run: RunJson, paint: Paint, nothing = ''): string {
  if (run.outcome === 'left_to_others') {
    const others = 'another runner has applied'
    return run.done.length === 0
      ? `${paint.green('✓')} ${others} everything`
      : `${paint.green('✓')} ${presentDone(run)} in ${formatElapsed(run.durationMs)}; ${others} the rest`
  }
  if (run.paused !== undefined) return presentPaused(run, run.paused)
  if (run.done.length === 0) return nothing
  const left = run.leftOut.length === 0 ? '' : `; not included: ${listFew(run.leftOut)}`
  const hasApplied = run.done.some(({ action }) => action === 'apply')
  const rest = hasApplied && left === '' ? `, nothing pending` : ''
  return `${paint.green('✓')} ${presentDone(run)} in ${formatElapsed(run.durationMs)}${rest}${hasApplied ? left : ''}`
}

/** What was stopped is pending: the next run continues it. */
function presentPaused(run: RunJson, { id, progress }: NonNullable<RunJson['paused']>): string {
  const share = progress === null ? 'before its first batch' : `at ${presentShare(progress)}`
  const done = run.done.length === 0 ? '' : `${presentDone(run)}; `
  return `${done}${id} stopped ${share} after ${formatElapsed(run.durationMs)}; it is pending, and the next \`tidemark up\` continues it`
}

const VERBS: readonly (readonly [verb: string, actions: readonly string[]])[] = [
  ['rolled back', ['roll_back']],
  ['marked as not applied', ['unrecord']],
  ['applied', ['apply', 'verify']],
  ['recorded as applied', ['record']],
]

/** Counts what was done by what it was: `2 migrations rolled back, 1 applied`. */
function presentDone({ done }: RunJson): string {
  const counts = VERBS.flatMap(([verb, actions]) => {
    const number = done.filter(({ action }) => actions.includes(action)).length
    return number === 0 ? [] : [{ number, verb }]
  })
  return counts
    .map(({ number, verb }, place) => `${place === 0 ? count(number, 'migration') : number} ${verb}`)
    .join(', ')
}
