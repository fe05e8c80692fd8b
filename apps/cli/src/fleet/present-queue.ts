import type { FleetQueuedJson } from '../schema/fleet-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import { formatMoment } from '../text/duration.ts'
import { listFew } from '../text/few.ts'

type View = Pick<Terminal, 'paint'>

/** Writes how far a rollout of the queue is, in one line. */
export function presentQueued(rollout: FleetQueuedJson, { paint }: View): string {
  const { rolloutId, direction, state, wave, waves, startedAt, counts, failed, executedBy, reason } = rollout
  const colour = state === 'complete' ? paint.green : state === 'stopped' ? paint.red : paint.yellow
  const told = [
    [counts.done, direction === 'up' ? 'migrated' : 'rolled back'],
    [counts.current, 'current'],
    [counts.failed, 'failed'],
    [counts.running, 'running'],
    [counts.notBegun, 'not begun'],
  ].flatMap(([number, word]) => (number === 0 ? [] : [`${number} ${word}`]))
  const parts = [
    colour(state),
    `${rolloutId} ${direction}`,
    ...(waves.length > 1 ? [`wave ${wave} of ${waves.length}`] : []),
    told.join(', ') || 'no targets',
    ...(failed.length === 0 ? [] : [`failed: ${listFew(failed)}`]),
    paint.dim([formatMoment(new Date(startedAt)), executedBy, reason].filter(Boolean).join('  ')),
  ]
  return ` ${parts.join('  ')}`
}

/** Writes rollouts of the queue under a heading; nothing where there are none. */
export function presentQueue(rollouts: readonly FleetQueuedJson[], view: View): readonly string[] {
  if (rollouts.length === 0) return []
  const heading = `${view.paint.bold('queue')}  ${count(rollouts.length, 'rollout')}`
  return [[heading, ...rollouts.map((one) => presentQueued(one, view))].join('\n')]
}
