import { type Diagnostic, TidemarkError } from '@tidemark/core'

/**
 * Makes one error of all problems that were found offline: its code is the first one's, its message counts
 * them.
 *
 * @example throw refuse(diagnostics) // "3 errors in 2 files"
 */
export function refuse(
  diagnostics: readonly Diagnostic[],
  details: Readonly<Record<string, unknown>> = {},
): TidemarkError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const counted = errors.length > 0 ? errors : diagnostics
  const first = counted[0]
  if (first === undefined) throw new TypeError('refused without a problem')
  const files = new Set(counted.flatMap(({ source }) => source?.path ?? []))
  const place = files.size === 0 ? '' : ` in ${count(files.size, 'file')}`
  return new TidemarkError({
    code: first.code,
    message: `${count(counted.length, first.severity === 'error' ? 'error' : 'warning')}${place}`,
    diagnostics,
    details,
  })
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
