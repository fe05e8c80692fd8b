import type { WaitJson } from '../json/gate-schemas.ts'
import type { WaitObservation } from '../services/wait-until-current.ts'
import type { Paint } from '../terminal/paint.ts'
import { formatElapsed } from './duration.ts'
import { presentHeading } from './target.ts'

const SHOWN = 3

/**
 * Writes what is waited for, in one line.
 *
 * @example presentObservation(behind) // '2 pending: 040_orders, 041_totals'
 */
export function presentObservation(observation: WaitObservation): string {
  switch (observation.kind) {
    case 'current':
      return 'current'
    case 'unreachable':
      return observation.error.message
    case 'behind':
      return presentPending(observation)
  }
}

interface Pending {
  readonly pending: readonly string[]
  readonly failed: readonly string[]
}

function presentPending({ pending, failed }: Pending): string {
  const first = pending.slice(0, SHOWN).map((id) => (failed.includes(id) ? `${id} (failed)` : id))
  const rest = pending.length > SHOWN ? ', …' : ''
  return `${pending.length} pending: ${first.join(', ')}${rest}`
}

/** Writes how the waiting ended. */
export function presentWaitEnd(result: WaitJson, paint: Paint): string {
  const elapsed = formatElapsed(result.waitedMs)
  const { target, outcome } = result
  if (target === null) return `${paint.red('✗')} not current after ${elapsed}: ${result.unreachable}`
  const words =
    outcome === 'current'
      ? `${paint.green('✓')} current after ${elapsed}`
      : `${paint.red('✗')} not current after ${elapsed}: ${presentPending(result)}`
  return presentHeading(target, words, paint.bold)
}
