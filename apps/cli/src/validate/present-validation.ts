import { presentDiagnostic } from '../failure/present-failure.ts'
import { presentHeads } from '../project/present-heads.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import type { Validation } from './validate.ts'

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
