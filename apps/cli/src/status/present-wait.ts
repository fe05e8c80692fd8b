import type { WaitJson } from '../schema/gate-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import { formatElapsed } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'
import type { WaitObservation } from './wait-until-current.ts'

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
    case 'drifted':
      return presentChange(observation)
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

function presentChange({ findings }: { readonly findings: readonly unknown[] }): string {
  return `${count(findings.length, 'difference')} that ${findings.length === 1 ? 'refuses' : 'refuse'} a run`
}

/** Writes how the waiting ended. */
export function presentWaitEnd(result: WaitJson, view: Pick<Terminal, 'paint' | 'width'>): string {
  return wrapText(describeEnd(result, view.paint), view.width)
}

function describeEnd(result: WaitJson, paint: Paint): string {
  const elapsed = formatElapsed(result.waitedMs)
  const { target, outcome } = result
  if (target === null) return `${paint.red('✗')} not current after ${elapsed}: ${result.unreachable}`
  if (outcome === 'current')
    return presentHeading(target, `${paint.green('✓')} current after ${elapsed}`, paint.bold)
  const words =
    outcome === 'drifted' ? presentChange(result) : `not current after ${elapsed}: ${presentPending(result)}`
  return presentHeading(target, `${paint.red('✗')} ${words}`, paint.bold)
}
