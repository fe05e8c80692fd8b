import { describeEdit } from '../check/describe-check.ts'
import { shorten } from '../check/present-finding.ts'
import type { MergeVerdictJson } from '../schema/operation-schemas.ts'
import type { Paint } from '../text/paint.ts'

/** Writes what executing two branches in both orders showed. */
export function presentMergeVerdict(
  { result, findings, why }: MergeVerdictJson,
  paint: Paint,
): readonly string[] {
  if (result === 'same') return [`  ${paint.green('✓')} executed in both orders: no difference`]
  if (result === 'not_checked') return [`  ${paint.yellow('?')} not executed in both orders: ${why}`]
  const colours = { error: paint.red, warning: paint.yellow, note: paint.cyan }
  return findings.flatMap(({ severity, rule, message, details, edits }) => [
    `  ${colours[severity](severity === 'note' ? '·' : '✗')} ${rule}: ${message}`,
    ...shorten(details).map((detail) => `      ${detail}`),
    ...edits.map((edit) => `    ${paint.cyan('help')}: ${describeEdit(edit)}`),
  ])
}
