import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import { comparePlans, type PlanComparison } from '../plan/plan/compare-plans.ts'
import type { SavedPlan } from '../plan/plan/saved-plan.ts'
import type { Result } from '../result.ts'

/**
 * Makes the error of a run that did nothing: the code is that of the first error, and `diagnostics` holds all
 * of them.
 *
 * @throws TypeError when no diagnostic is an error.
 * @example refusedError([diagnostic]).code // 'TM2002'
 */
export function refusedError(diagnostics: readonly Diagnostic[]): TidemarkError {
  const errors = diagnostics.filter((one) => one.severity === 'error')
  const [first] = errors
  if (first === undefined) throw new TypeError('a refusal needs a diagnostic with severity "error"')
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return new TidemarkError({
    code: first.code,
    message: `${first.message}${more}`,
    help: first.help,
    diagnostics,
    details: { applied: [] },
  })
}

/** Gives the value, or throws what was found. */
export function valueOrRefuse<T>(result: Result<T, readonly Diagnostic[]>): T {
  if (result.ok) return result.value
  throw refusedError(result.error)
}

/**
 * Throws TM4006 or TM4007 when a saved plan is not what would be done now. Without one, nothing is refused.
 *
 * @example refuseUnlessSame(saved, { plan, target: session.target, targets: 'same' })
 */
export function refuseUnlessSame(saved: SavedPlan | undefined, now: PlanComparison): void {
  const moved = saved === undefined ? [] : comparePlans(saved, now)
  if (moved.length > 0) throw refusedError(moved)
}
