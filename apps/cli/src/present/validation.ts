import type { Validation } from '../services/validate.ts'
import type { Paint } from '../terminal/paint.ts'
import { count } from './count.ts'
import { presentDiagnostic } from './failure.ts'
import { presentHeads } from './heads.ts'

/** Writes the result of a validation that found no error: warnings with frames, then one line. */
export function presentValidation(
  validation: Validation,
  options: { paint: Paint; targetFlags: string },
): string {
  const { paths, heads, diagnostics } = validation
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length
  const verdict = warnings === 0 ? 'no problem' : count(warnings, 'warning')
  const ends = presentHeads(heads)
  const mark = warnings === 0 ? options.paint.green('✓') : options.paint.yellow('!')
  return [
    ...diagnostics.map((diagnostic) => `${presentDiagnostic(diagnostic, options)}\n`),
    `${mark} ${count(paths.length, 'migration')}, ${verdict}${ends}`,
  ].join('\n')
}
