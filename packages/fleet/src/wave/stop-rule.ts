import { TidemarkError } from '@tidemark/core'
import { readPercent } from './plan-waves.ts'

/**
 * Gives how many targets may fail before nothing more begins. A percentage is of the targets of the rollout,
 * rounded down.
 *
 * @throws TidemarkError TM7003.
 * @example allowedFailures('2%', 400) // 8
 */
export function allowedFailures(maxFailures: number | string, targets: number): number {
  const percent = typeof maxFailures === 'string' ? readPercent(maxFailures) : undefined
  if (percent !== undefined) return Math.floor((targets * percent) / 100)
  if (typeof maxFailures === 'number' && Number.isSafeInteger(maxFailures) && maxFailures >= 0)
    return maxFailures
  throw new TidemarkError({
    code: 'TM7003',
    message: `"maxFailures" is not valid: ${JSON.stringify(maxFailures)}`,
    help: 'write a whole number, or a percentage such as "2%"',
  })
}
