import type { TidemarkError } from '@tidemark/core'
import type { Paint } from '../text/paint.ts'
import { addTargetFlags } from '../text/target-flags.ts'

/** How {@link presentStepFailure} writes. */
interface StepFailureView {
  readonly paint: Paint
  readonly targetFlags: string
}

/** Tells whether an error is that of a migration whose SQL failed, with everything the server said. */
export function isStepFailure(error: TidemarkError): boolean {
  return error.location !== undefined && typeof error.details['databaseState'] === 'string'
}

/**
 * Writes why a migration failed, to stand under its line: place, frame, what the server said, and what the database holds now.
 *
 * @example
 * //    migrations/041_backfill_totals.sql:14:1  statement 3 of 4
 * //    > 14 │ UPDATE orders SET total = cents / quantity;
 * //         │ ^
 * //    ERROR 22012 division by zero  (TM5004)
 */
export function presentStepFailure(error: TidemarkError, { paint, targetFlags }: StepFailureView): string {
  const { location, frame, help, code, message } = error
  const details = textsOf(error.details)
  const place = location === undefined ? '' : `${location.path}:${location.line}:${location.column}`
  const said = details['serverMessage'] ?? message
  const at = [place, statementOf(error.details)].filter((part) => part !== '').join('  ')
  const lines = [
    ...(at === '' ? [] : [at]),
    ...(frame?.split('\n') ?? []),
    `${paint.red('ERROR')} ${[details['sqlState'], said].filter((part) => part !== undefined).join(' ')}  ${paint.dim(`(${code})`)}`,
    ...(['detail', 'hint', 'where'] as const).flatMap((name) => labelled(name, details[name])),
    ...closing(details['databaseState'] ?? '', help).map((line) => addTargetFlags(line, targetFlags)),
  ]
  return lines.map((line) => `   ${line}`.trimEnd()).join('\n')
}

function statementOf({ index, count, kind }: Readonly<Record<string, unknown>>): string {
  if (typeof index !== 'number' || typeof count !== 'number') return ''
  return `${kind === 'verify' ? 'verify' : 'statement'} ${index} of ${count}`
}

function labelled(name: string, text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return []
  const label = name.toUpperCase()
  return text.split('\n').map((line, index) => `${index === 0 ? label : ' '.repeat(label.length)}  ${line}`)
}

// What to do follows the state in one breath where it is the ordinary thing, and stands alone where it is a hint.
function closing(state: string, help: string | undefined): readonly string[] {
  if (help === undefined) return [state]
  if (!help.startsWith('fix the file')) return [state, `help: ${help}`]
  return [`${state} ${help.charAt(0).toUpperCase()}${help.slice(1)}.`]
}

function textsOf(details: Readonly<Record<string, unknown>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}
