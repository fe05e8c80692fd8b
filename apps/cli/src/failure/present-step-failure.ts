import type { StepFailureDetails, TidemarkError } from '@tidemark/core'
import type { Paint } from '../text/paint.ts'
import { addTargetFlags } from '../text/target-flags.ts'

/** How {@link presentStepFailure} writes. */
interface StepFailureView {
  readonly paint: Paint
  readonly targetFlags: string
  /** Of a shadow nobody asks what it holds now. Default `target`. */
  readonly database?: 'target' | 'shadow'
}

/** Whether an error is that of a migration whose SQL failed, with everything the server said. */
export function isStepFailure(error: TidemarkError): boolean {
  return error.location !== undefined && detailsOf(error).databaseState !== undefined
}

/** What is read here of the details of a step that failed or was cut off. */
type Details = Omit<StepFailureDetails, 'index' | 'migration'> & {
  readonly index?: number | string | null
  readonly query?: string
}

function detailsOf(error: TidemarkError): Details {
  switch (error.code) {
    case 'TM5004':
    case 'TM5005':
    case 'TM5006':
    case 'TM5007':
    case 'TM5008':
    case 'TM5009':
    case 'TM5011':
    case 'TM5012':
    case 'TM5014':
    case 'TM5015':
    case 'TM5020':
    case 'TM5021':
    case 'TM5022':
      return error.details
    default:
      return {}
  }
}

/**
 * Writes why a migration failed, for the lines below its own: place, frame, what the server said, and what
 * the database holds now.
 *
 * @example
 * //    migrations/041_backfill_totals.sql:14:1  statement 3 of 4
 * //    > 14 │ UPDATE orders SET total = cents / quantity;
 * //         │ ^
 * //    ERROR 22012 division by zero  (TM5004)
 */
export function presentStepFailure(
  error: TidemarkError,
  { paint, targetFlags, database = 'target' }: StepFailureView,
): string {
  const { location, frame, code, message } = error
  const details = detailsOf(error)
  const place = location === undefined ? '' : `${location.path}:${location.line}:${location.column}`
  const said = details.serverMessage ?? message
  const at = [place, statementOf(details)].filter((part) => part !== '').join('  ')
  const lines = [
    ...(at === '' ? [] : [at]),
    ...(frame?.split('\n') ?? []),
    `${paint.red('ERROR')} ${[details.sqlState ?? [], said].flat().join(' ')}  ${paint.dim(`(${code})`)}`,
    ...(isVerdict(details) ? presentVerdict(details) : presentFields(details)),
    ...(database === 'shadow' ? [] : closing(details.databaseState ?? '', error)).map((line) =>
      addTargetFlags(line, targetFlags),
    ),
  ]
  return lines.map((line) => `   ${line}`.trimEnd()).join('\n')
}

/** A query of `@verify` ran and does not hold: what it found is not a server's error. */
function isVerdict({ kind, sqlState }: Details): boolean {
  return kind === 'verify' && sqlState === null
}

/** The row, and the query where the frame shows only one line of it. */
function presentVerdict({ detail, query }: Details): readonly string[] {
  return [...labelled('row', detail), ...(query?.includes('\n') === true ? labelled('query', query) : [])]
}

function presentFields(details: Details): readonly string[] {
  return (['detail', 'hint', 'where'] as const).flatMap((name) => labelled(name, details[name]))
}

function statementOf({ index, count, kind }: Details): string {
  if (typeof index !== 'number' || count === undefined) return ''
  return `${kind === 'verify' ? 'verify' : 'statement'} ${index} of ${count}`
}

function labelled(name: string, text: string | null | undefined): readonly string[] {
  if (!text) return []
  const label = name.toUpperCase()
  return text.split('\n').map((line, index) => `${index === 0 ? label : ' '.repeat(label.length)}  ${line}`)
}

// What to do follows the state in one breath where it is the ordinary thing, and comes on its own line where
// it is a hint.
function closing(state: string, { help, remedy }: TidemarkError): readonly string[] {
  const said = state === '' ? [] : [state]
  if (help === undefined) return said
  if (said.length === 0 || remedy?.kind !== 'fix_file') return [...said, `help: ${help}`]
  return [`${state} ${help.charAt(0).toUpperCase()}${help.slice(1)}.`]
}
