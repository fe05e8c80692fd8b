import type { SavedPlan } from '../plan/saved-plan.ts'
import type { ApplyOptions } from './apply-options.ts'

/**
 * Gives the options to plan with: a saved plan is compared with what its own request gives now.
 *
 * @example requestedOf(undefined, { steps: 1 }) // { steps: 1 }
 */
export function requestedOf(saved: SavedPlan | undefined, options: ApplyOptions): ApplyOptions {
  const request = saved?.request
  return request?.action === 'apply' ? { ...request, strict: options.strict } : options
}
