import type { RunJson } from '../json/schemas.ts'
import type { Paint } from '../terminal/paint.ts'
import { count } from './count.ts'
import { formatElapsed } from './duration.ts'

/** Writes the last line of a run that did all it was to do. */
export function presentRunEnd(run: RunJson, paint: Paint): string {
  if (run.outcome === 'left_to_others') return `${paint.green('✓')} another runner has applied everything`
  if (run.done.length === 0) return run.direction === 'up' ? '' : 'nothing to roll back'
  const verb = run.direction === 'up' ? 'applied' : 'rolled back'
  const left = run.leftOut.length === 0 ? '' : `; left pending on purpose: ${run.leftOut.join(', ')}`
  const rest = run.direction === 'up' && left === '' ? `, nothing pending` : ''
  return `${paint.green('✓')} ${count(run.done.length, 'migration')} ${verb} in ${formatElapsed(run.durationMs)}${rest}${left}`
}
