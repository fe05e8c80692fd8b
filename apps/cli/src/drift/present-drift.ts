import { formatLineDiff, lineDiff } from '@tidemark/core'
import type { DriftJson } from '../schema/shadow-schemas.ts'
import { count } from '../text/count.ts'
import { listFew } from '../text/few.ts'
import type { Paint } from '../text/paint.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'

interface View {
  readonly paint: Paint
  readonly width: number
}

/** Writes what differs from the migrations, each with the query that shows it, and what is not known. */
export function presentDrift(report: DriftJson, { paint, width }: View): string {
  const { target, drift, accepted, outdated, notOurs, notChecked } = report
  const found = drift.length === 0 ? 'no drift found' : count(drift.length, 'difference')
  const blocks = [
    presentHeading(target, found, paint.bold),
    ...drift.map((one) => presentObject(one, paint)),
    ...(notChecked.length === 0 ? [] : [presentNotChecked(notChecked, paint)]),
    [
      `Compared with PostgreSQL ${report.shadow.version} (${report.shadow.engine}); the database has ${report.shadow.targetVersion}.`,
      ...(accepted.length === 0 ? [] : [`${count(accepted.length, 'difference')} accepted.`]),
      ...(outdated.length === 0
        ? []
        : [`Accepted, but not found as accepted: ${listFew(outdated.map(({ object }) => object))}.`]),
      ...(notOurs.length === 0 ? [] : [`Not made by migrations, not compared: ${listFew(notOurs)}.`]),
    ]
      .map(paint.dim)
      .join('\n'),
  ]
  return wrapText(blocks.join('\n\n'), width)
}

function presentObject({ sentences, facets, change, sql }: DriftJson['drift'][number], paint: Paint): string {
  const texts = change === 'changed' ? facets.flatMap(presentText) : []
  return [
    ...sentences.map((sentence) => ` ${paint.yellow('!')} ${sentence}`),
    ...texts.map((line) => `     ${line}`),
    ...(sql === null ? [] : [paint.dim(`     ${sql}`)]),
  ].join('\n')
}

/** Long texts, such as the body of a function: `-` is what the migrations make, `+` what the database has. */
function presentText({ expected, found }: DriftJson['drift'][number]['facets'][number]): readonly string[] {
  if (expected === null || found === null || !/\n/.test(expected + found)) return []
  return formatLineDiff(lineDiff(expected, found)).split('\n')
}

function presentNotChecked(notChecked: DriftJson['notChecked'], paint: Paint): string {
  return [
    paint.bold(
      `${count(notChecked.length, 'migration')} could not be checked: what ${notChecked.length === 1 ? 'it makes is' : 'they make is'} not known, and may be listed above`,
    ),
    ...notChecked.map(({ id, why }) => ` ${paint.yellow('?')} ${id} ${why}`),
  ].join('\n')
}
