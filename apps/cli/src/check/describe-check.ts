import type { TouchedRelation } from '@tidemark/core'
import type { CheckJson } from '../schema/check-schemas.ts'
import { count } from '../text/count.ts'

/** Says in a few words what a check came to. */
export function describeVerdict({ result, findings, gaps }: CheckJson): string {
  const tally = (['error', 'warning', 'note'] as const)
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => count(number, severity))
  const unchecked = new Set(gaps.map(({ id }) => id)).size
  const left = unchecked === 0 ? [] : [`${count(unchecked, 'migration')} could not be checked in full`]
  const words = result === 'not_provable' ? [...left, ...tally] : [...tally, ...left]
  return words.length === 0 ? 'no finding' : words.join(', ')
}

/** The mark of each result. */
export const RESULT_MARKS = { proven: '✓', findings: '✗', not_provable: '?' } as const

/** Says what to write into a file. */
export function describeEdit({
  kind,
  id,
  dependsOn,
}: CheckJson['findings'][number]['edits'][number]): string {
  return kind === 'add'
    ? `add ${dependsOn} to \`Depends on\` of ${id}`
    : `remove ${dependsOn} from \`Depends on\` of ${id}`
}

/** Says what was not checked of a migration, and why. */
export function describeGap({ part, why }: CheckJson['gaps'][number]): string {
  return part === null ? why : `${part}: ${why}`
}

/** What the statements at one line do to what was there before their migration. */
export interface StatementFacts {
  readonly id: string
  readonly line: number
  readonly facts: readonly string[]
}

/** Lists locks that make others wait, and work on tables that were there before the migration. */
export function listStatementFacts({ statements }: CheckJson): readonly StatementFacts[] {
  return (statements ?? []).flatMap(({ id, statements: traced }) =>
    traced.flatMap((statement) => {
      const facts = listFacts(statement)
      return facts.length === 0 ? [] : [{ id, line: statement.line, facts }]
    }),
  )
}

type TracedJson = NonNullable<CheckJson['statements']>[number]['statements'][number]

const BLOCKED: Readonly<Record<string, string>> = {
  SHARE: 'blocks writes',
  'SHARE ROW EXCLUSIVE': 'blocks writes',
  EXCLUSIVE: 'blocks writes',
  'ACCESS EXCLUSIVE': 'blocks reads and writes',
}
const NOT_TABLES = new Set(['index', 'partitioned index', 'composite type'])

function listFacts({ locks, rewrites, scans, indexBuilds }: TracedJson): readonly string[] {
  const isOld = (relation: TracedJson['rewrites'][number]) => !relation.new && !NOT_TABLES.has(relation.kind)
  const rewritten = new Set(rewrites.map(nameOf))
  return [
    ...locks.flatMap(({ relation, mode }) => {
      const blocked = BLOCKED[mode]
      return blocked === undefined || !isOld(relation) ? [] : [`${mode} on ${nameOf(relation)} (${blocked})`]
    }),
    ...rewrites.filter(isOld).map((relation) => `rewrites ${nameOf(relation)}`),
    ...indexBuilds
      .filter(({ table }) => isOld(table))
      .map(({ index, table }) => `builds index ${index.name} on ${nameOf(table)}`),
    ...scans
      .filter((relation) => isOld(relation) && !rewritten.has(nameOf(relation)))
      .map((relation) => `reads all of ${nameOf(relation)}`),
  ]
}

function nameOf({ schema, name }: Pick<TouchedRelation, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}
