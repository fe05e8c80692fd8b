import type { CheckFinding } from '@tidemark/shadow'
import type { CheckJson } from '../schema/check-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import { wrapText } from '../text/wrap-text.ts'
import type { CheckOutcome } from './check.ts'
import { checkToJson } from './check-to-json.ts'
import { describeGap, describeVerdict, listStatementFacts, RESULT_MARKS } from './describe-check.ts'
import { presentFix } from './fix/present-fix.ts'
import { presentFinding } from './present-finding.ts'

/** Writes what a check found: findings, what was not executed, locks, and last the result. */
export function presentCheck(
  outcome: CheckOutcome,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
): string {
  const { graph, report, why, fix } = outcome
  if (report === null) {
    return wrapText(
      `${paint.green('✓')} nothing is ${why}; check everything with \`tidemark check --all\``,
      width,
    )
  }
  const json = checkToJson(outcome)
  const version = `PostgreSQL ${report.shadow.serverVersion}`
  const findings = report.findings.flatMap((finding: CheckFinding, place) => {
    const found = json.findings[place]
    return found === undefined ? [] : [presentFinding({ finding, json: found, graph }, { paint, width })]
  })
  const blocks = [
    `tidemark  ${count(json.checked.length, 'migration')} checked (${why}) on ${version}${json.cached ? CACHED : ''}`,
    presentGaps(json, paint),
    presentStatements(json, paint),
    presentResult(json, paint),
  ]
  const [title = '', ...rest] = blocks.filter((block) => block !== '').map((block) => wrapText(block, width))
  const fixed = fix === null ? [] : [presentFix(fix, { paint, width })]
  return [title, ...findings, ...rest, ...fixed].join('\n\n')
}

const CACHED = '\nNothing has changed since the last check: this is its result. `--no-cache` checks again.'

function presentGaps({ gaps, statements }: CheckJson, paint: Paint): string {
  const untraced = (statements ?? []).flatMap(({ id, untraced: why }) =>
    why === null ? [] : [`· ${id}  statements not traced: ${why}`],
  )
  const lines = gaps.map((gap) => `${paint.yellow('?')} ${gap.id}  not checked: ${describeGap(gap)}`)
  return [...lines, ...untraced].join('\n')
}

function presentStatements(json: CheckJson, paint: Paint): string {
  const facts = listStatementFacts(json)
  if (facts.length === 0) return ''
  const ids = [...new Set(facts.map(({ id }) => id))]
  const lines = ids.flatMap((id) => {
    const own = facts.filter((one) => one.id === id)
    const column = Math.max(...own.map(({ line }) => `line ${line}`.length))
    return [
      `  ${id}`,
      ...own.flatMap(({ line, facts: some }) =>
        some.map((fact, place) => `    ${(place === 0 ? `line ${line}` : '').padEnd(column)}  ${fact}`),
      ),
    ]
  })
  return [paint.bold('What statements do to tables that exist before them'), ...lines].join('\n')
}

/** Verdicts of migrations whose `@down` was not executed. */
const NO_DOWN: ReadonlySet<string> = new Set(['irreversible', 'up_fails'])

function presentResult(json: CheckJson, paint: Paint): string {
  const { result, order, closure, reversibility } = json
  const downs = (reversibility ?? []).filter(({ verdict }) => !NO_DOWN.has(verdict))
  const exact = downs.filter(({ verdict }) => verdict === 'exact').length
  const parts = [
    ...(order === null
      ? []
      : [
          `order          ${count(order.pairs, 'pair')} without an order, ${order.executed} executed both ways`,
        ]),
    ...(closure === null
      ? []
      : [`closure        ${closure.executed} executed on the declared dependencies alone`]),
    ...(reversibility === null
      ? []
      : [`reversibility  ${exact} of ${downs.length} @down bring back schema and rows`]),
  ]
  const colour = { proven: paint.green, findings: paint.red, not_provable: paint.yellow }[result]
  const verdict = `${colour(RESULT_MARKS[result])} ${describeVerdict(json)}`
  return [...parts.map((part) => paint.dim(part)), verdict].join('\n')
}
