import { compareIds } from '../text/compare-ids.ts'
import type { Diagnostic } from './diagnostic.ts'

/**
 * Orders diagnostics as people read them: by file (numbers in names by value), place, code. Those without a
 * file come first. The order does not depend on the order in which files were read.
 *
 * @example sortDiagnostics([diagnostic])[0].code // 'TM2002'
 */
export function sortDiagnostics(diagnostics: Iterable<Diagnostic>): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      compareIds(a.source?.path ?? '', b.source?.path ?? '') ||
      (a.span?.start ?? -1) - (b.span?.start ?? -1) ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  )
}
