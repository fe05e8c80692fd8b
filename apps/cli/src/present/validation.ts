import type { Validation } from '../services/validate.ts'
import type { Paint } from '../terminal/paint.ts'
import { count } from './count.ts'
import { presentDiagnostic } from './failure.ts'

/** Writes the result of a validation that found no error: warnings with frames, then one line. */
export function presentValidation(
  validation: Validation,
  options: { paint: Paint; targetFlags: string },
): string {
  const { paths, heads, diagnostics } = validation
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length
  const verdict = warnings === 0 ? 'no problem' : count(warnings, 'warning')
  const ends = heads.length === 0 ? '' : `; ${heads.length === 1 ? 'head' : 'heads'}: ${heads.join(', ')}`
  const mark = warnings === 0 ? options.paint.green('✓') : options.paint.yellow('!')
  return [
    ...diagnostics.map((diagnostic) => `${presentDiagnostic(diagnostic, options)}\n`),
    `${mark} ${count(paths.length, 'migration')}, ${verdict}${ends}`,
  ].join('\n')
}
