import type { TouchedRelation } from '@tidemark/core'
import { presentStepFailure } from '../failure/present-step-failure.ts'
import type { CheckJson } from '../schema/check-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import type { CheckOutcome } from './check.ts'
import { checkToJson } from './check-to-json.ts'

/** Differences of one finding that are shown; the others are counted. */
const DETAILS = 8

/** Writes what a check found: findings, what was not executed, locks, and one line for the result. */
export function presentCheck(outcome: CheckOutcome, { paint }: Pick<Terminal, 'paint'>): string {
  const { report, why } = outcome
  if (report === null) {
    return `${paint.green('✓')} nothing is ${why}; check everything with \`tidemark check --all\``
  }
  const json = checkToJson(outcome)
  const version = `PostgreSQL ${report.shadow.serverVersion}`
  const blocks = [
    `tidemark  ${count(json.checked.length, 'migration')} checked (${why}) on ${version}`,
    ...json.findings.map((finding, place) =>
      presentFinding(finding, report.findings[place]?.error ?? null, paint),
    ),
    presentGaps(json.gaps, paint),
    presentStatements(json, paint),
    presentResult(json, paint),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function presentFinding(
  finding: CheckJson['findings'][number],
  error: Parameters<typeof presentStepFailure>[0] | null,
  paint: Paint,
): string {
  const { severity, message, rule, path, line, details, edits } = finding
  if (error !== null) return presentStepFailure(error, { paint, targetFlags: '' }).trimEnd()
  const word = { error: paint.red, warning: paint.yellow, note: paint.dim }[severity](severity)
  const more = details.length > DETAILS ? [`  … and ${details.length - DETAILS} more`] : []
  return [
    `${word} ${message}  ${paint.dim(`[${rule}]`)}`,
    paint.dim(`  ${path}${line === null ? '' : `:${line}`}`),
    ...details.slice(0, DETAILS).map((detail) => `  - ${detail}`),
    ...more,
    ...edits.map(({ kind, id, dependsOn }) =>
      kind === 'add'
        ? `  help: add ${dependsOn} to \`Depends on\` of ${id}`
        : `  help: remove ${dependsOn} from \`Depends on\` of ${id}`,
    ),
  ].join('\n')
}

function presentGaps(gaps: CheckJson['gaps'], paint: Paint): string {
  return gaps
    .map(
      ({ id, why, part }) =>
        `${paint.yellow('?')} ${id} was not checked${part === null ? '' : ` (${part})`}: ${why}`,
    )
    .join('\n')
}

/** Locks that make others wait, and work on tables that were there before the migration. */
function presentStatements({ statements }: CheckJson, paint: Paint): string {
  const lines = (statements ?? []).flatMap(({ id, untraced, statements: traced }) => {
    if (untraced !== null) return [`  ${id}  not traced: ${untraced}`]
    return traced.flatMap((statement) => {
      const facts = listFacts(statement)
      return facts.length === 0 ? [] : [`  ${id}  line ${statement.line}: ${facts.join(', ')}`]
    })
  })
  return lines.length === 0
    ? ''
    : [paint.bold('What statements do to tables that are there already'), ...lines].join('\n')
}

type TracedJson = NonNullable<CheckJson['statements']>[number]['statements'][number]
const STRONG = new Set(['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'])
const NOT_TABLES = new Set(['index', 'partitioned index', 'composite type'])

function listFacts({ locks, rewrites, scans, indexBuilds }: TracedJson): readonly string[] {
  const isOld = (relation: TracedJson['rewrites'][number]) => !relation.new && !NOT_TABLES.has(relation.kind)
  return [
    ...locks
      .filter(({ relation, mode }) => isOld(relation) && STRONG.has(mode))
      .map(({ relation, mode }) => `${mode} on ${nameOf(relation)}`),
    ...rewrites.filter(isOld).map((relation) => `rewrites ${nameOf(relation)}`),
    ...indexBuilds
      .filter(({ table }) => isOld(table))
      .map(({ table }) => `builds an index of ${nameOf(table)}`),
    ...(rewrites.length > 0 ? [] : scans.filter(isOld).map((relation) => `reads all of ${nameOf(relation)}`)),
  ]
}

function nameOf({ schema, name }: Pick<TouchedRelation, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

function presentResult(
  { result, findings, gaps, order, closure, reversibility }: CheckJson,
  paint: Paint,
): string {
  const parts = [
    ...(order === null
      ? []
      : [`${count(order.pairs, 'pair')} without an order, ${order.executed} tried both ways`]),
    ...(closure === null ? [] : [`${closure.executed} run on what they depend on alone`]),
    ...(reversibility === null
      ? []
      : [`${reversibility.filter(isExact).length} of ${reversibility.length} exact after @down`]),
  ]
  const tally = (['error', 'warning', 'note'] as const)
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => count(number, severity))
  const verdict = {
    proven: `${paint.green('✓')} ${tally.length === 0 ? 'no finding' : tally.join(', ')}`,
    findings: `${paint.red('✗')} ${tally.join(', ')}`,
    not_provable: `${paint.yellow('?')} ${count(gaps.length, 'migration')} could not be checked`,
  }[result]
  return [...(parts.length === 0 ? [] : [paint.dim(parts.join('; '))]), verdict].join('\n')
}

function isExact({ verdict }: { readonly verdict: string }): boolean {
  return verdict === 'exact'
}
