import { compareCodeUnits } from '../text/compare-code-units.ts'
import type { Diagnostic } from './diagnostic.ts'

/**
 * Orders problems as a reader meets them: by path, then place, then code, then words. Problems without a file come first.
 * Code units decide, so the order is the same everywhere.
 *
 * @example problems.sort(compareDiagnostics)
 */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareCodeUnits(a.source?.path ?? '', b.source?.path ?? '') ||
    (a.span?.start ?? 0) - (b.span?.start ?? 0) ||
    compareCodeUnits(a.code, b.code) ||
    compareCodeUnits(a.message, b.message)
  )
}
