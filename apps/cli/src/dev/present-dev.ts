import { relative } from 'node:path'
import { checkToJson } from '../check/check-to-json.ts'
import { describeGap, describeVerdict, listStatementFacts, RESULT_MARKS } from '../check/describe-check.ts'
import { presentFinding } from '../check/present-finding.ts'
import { presentFailure } from '../failure/present-failure.ts'
import { presentHookOutput } from '../run/present-run-event.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import { listFew } from '../text/few.ts'
import { wrapText } from '../text/wrap-text.ts'
import type { DevEvent } from './dev-event.ts'

/** How {@link presentDevEvent} writes. */
export interface DevView extends Pick<Terminal, 'paint' | 'width'> {
  /** What suggested commands repeat. */
  readonly targetFlags: string
  readonly clock: () => Date
}

/**
 * Writes one event as a block of lines.
 *
 * @example
 * // 14:03:22  saved 042_totals  (PostgreSQL 18.3, 310 ms)
 * //   line 3  ACCESS EXCLUSIVE on public.orders (blocks reads and writes)
 * // ✓ no finding
 */
export function presentDevEvent(event: DevEvent, view: DevView): string {
  const { paint, width } = view
  const text = textOf(event, view)
  const clock = paint.dim(view.clock().toTimeString().slice(0, 8))
  const isBlock = event.kind === 'problems' || event.kind === 'checked' || event.kind === 'failed'
  return wrapText(isBlock ? `\n${clock}  ${text}` : text, width)
}

function textOf(event: DevEvent, view: DevView): string {
  const { paint, targetFlags } = view
  const flags = targetFlags === '' ? '' : ` ${targetFlags}`
  switch (event.kind) {
    case 'watching':
      return presentWatching(event, view)
    case 'problems':
      return `the files are wrong\n${presentFailure(event.error, { paint, targetFlags, verbose: false })}`
    case 'failed':
      return `failed\n${presentFailure(event.error, { paint, targetFlags, verbose: false })}`
    case 'checked':
      return presentChecked(event, view)
    case 'order':
      return `order with other migrations\n${presentFindings(event.outcome, view).join('\n')}`
    case 'applied': {
      const word = event.action === 'redo' ? 'redone' : 'applied'
      return `${paint.green('✓')} ${word} ${listFew(event.ids)}  ${formatMs(event.durationMs)}`
    }
    case 'left':
      return `${paint.yellow('!')} ${event.id} was left as it is: ${event.why}\n  ${paint.cyan('help')}: ${event.command}${flags}`
    case 'refreshed':
      return `${paint.green('✓')} wrote ${event.path}`
    case 'hook':
      return presentHookOutput(event)
  }
}

function presentWatching(
  { folder, migrations, target, why }: Extract<DevEvent, { readonly kind: 'watching' }>,
  { paint }: DevView,
): string {
  const place = target === null ? `only shows (${why})` : 'applies what is saved'
  return `${paint.bold(`watching ${relative(process.cwd(), folder) || '.'}`)}  ${count(migrations, 'migration')}, ${place}. Ctrl-C ends it.`
}

type Checked = Extract<DevEvent, { readonly kind: 'checked' }>

function presentChecked({ outcome, changes, durationMs }: Checked, view: DevView): string {
  const { paint } = view
  const { saved, removed } = changes
  const what = [
    ...(saved.length === 0 ? [] : [`saved ${listFew(saved)}`]),
    ...(removed.length === 0 ? [] : [`removed ${listFew(removed)}`]),
  ]
  const title = what.length === 0 ? 'ready' : what.join(', ')
  const { report } = outcome
  if (report === null) return `${title}  ${formatMs(durationMs)}`
  const json = checkToJson(outcome)
  const facts = listStatementFacts(json).flatMap(({ id, line, facts: all }) =>
    all.map((fact) => `  ${saved.length > 1 ? `${id} ` : ''}line ${line}  ${fact}`),
  )
  const gaps = json.gaps.map((gap) => `${paint.yellow('?')} ${gap.id}  not checked: ${describeGap(gap)}`)
  const colour = { proven: paint.green, findings: paint.red, not_provable: paint.yellow }[json.result]
  return [
    `${title}  (PostgreSQL ${report.shadow.serverVersion}, ${formatMs(durationMs)})`,
    ...facts,
    ...presentFindings(outcome, view),
    ...gaps,
    `${colour(RESULT_MARKS[json.result])} ${describeVerdict(json)}`,
  ].join('\n')
}

function presentFindings(outcome: Checked['outcome'], { paint, width }: DevView): readonly string[] {
  const json = checkToJson(outcome)
  return (outcome.report?.findings ?? []).flatMap((finding, place) => {
    const found = json.findings[place]
    return found === undefined
      ? []
      : [presentFinding({ finding, json: found, graph: outcome.graph }, { paint, width })]
  })
}

function formatMs(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`
}
