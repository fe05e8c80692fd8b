import type { Diagnostic } from './diagnostic.ts'

/**
 * Orders problems as a reader meets them: by path, then place, then code, then words. Problems without a file come first.
 * Code units decide, so the order is the same everywhere.
 *
 * @example problems.sort(compareDiagnostics)
 */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.source?.path ?? '', b.source?.path ?? '') ||
    (a.span?.start ?? 0) - (b.span?.start ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
