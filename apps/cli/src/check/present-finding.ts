import { codeFrame, findNode, type MigrationGraph } from '@tidemark/core'
import type { CheckFinding } from '@tidemark/shadow'
import { presentStepFailure } from '../failure/present-step-failure.ts'
import { hideInFile } from '../redact/hide-in-diagnostic.ts'
import type { CheckJson } from '../schema/check-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { wrapText } from '../text/wrap-text.ts'
import { describeEdit } from './describe-check.ts'
import { placeOfFinding } from './place-of-finding.ts'

/** Facts of one finding that are shown; the others are counted. */
const DETAILS = 8

/** The most cells beside the code of a frame. */
const GUTTER = 10

type FindingView = Pick<Terminal, 'paint' | 'width'>

/** A finding as data and as JSON, and the migrations that it is about. */
export interface PlacedFinding {
  readonly finding: CheckFinding
  readonly json: CheckJson['findings'][number]
  readonly graph: MigrationGraph
}

/**
 * Writes one finding: place, weight, rule and message as with every problem of a file, then the line or what
 * differs, then what to do.
 *
 * @example
 * // migrations/003_right.sql:6 error down-fails: the @down of "003_right" fails: column "ages" does not exist
 * //   6 | ALTER TABLE users DROP COLUMN ages
 * //     | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 */
export function presentFinding(placed: PlacedFinding, { paint, width }: FindingView): string {
  const { finding, json } = placed
  const { severity, message, rule, path, line, edits, page } = json
  const colour = { error: paint.red, warning: paint.yellow, note: paint.cyan }[severity]
  const heading = `${colour(`${severity} ${rule}`)}: `
  if (finding.error !== null) {
    const failure = presentStepFailure(finding.error, {
      paint,
      targetFlags: '',
      database: 'shadow',
    }).trimEnd()
    return `${wrapText(`${path} ${heading}"${json.id}" does not run`, width)}\n${failure}`
  }
  const lines = [
    ...shorten(json.details).map((detail) => `    ${detail}`),
    ...edits.map((edit) => `  ${paint.cyan('help')}: ${describeEdit(edit)}`),
    ...presentSafeWay(json, paint),
    ...(page === null ? [] : [`  ${paint.cyan('see')}: ${page}`]),
  ]
  return [
    wrapText(`${path}${line === null ? '' : `:${line}`} ${heading}${message}`, width),
    ...presentFrame(placed, { paint, width }),
    ...lines.map((one) => wrapText(one, width)),
  ].join('\n')
}

/** Gives the first facts, and how many there are beyond them. */
export function shorten(details: readonly string[]): readonly string[] {
  const rest = details.length - DETAILS
  return rest <= 0 ? details : [...details.slice(0, DETAILS), `… and ${rest} more`]
}

/** The first line of the statement, or of what else it is about. */
function presentFrame({ finding, graph }: PlacedFinding, { paint, width }: FindingView): readonly string[] {
  const migration = findNode(graph, finding.migrationId)?.migration
  const place = migration && placeOfFinding(migration, finding)
  if (migration === undefined || place === undefined) return []
  const { text } = hideInFile(migration.source)
  const frame = codeFrame(text, place, { maxWidth: Math.min(100, width - GUTTER) })
  return frame.split('\n').map((line) => paint.dim(`  ${line}`))
}

/** A note is no reason to write another migration: its page has the way. */
function presentSafeWay(
  { safeSql, severity }: CheckJson['findings'][number],
  paint: Terminal['paint'],
): readonly string[] {
  if (safeSql === null || severity === 'note') return []
  return [`  ${paint.cyan('help')}: without harm:`, ...safeSql.split('\n').map((line) => `    ${line}`)]
}
