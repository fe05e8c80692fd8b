import type { LintFinding } from '../model/rule.ts'
import type { Allowance } from './read-allowances.ts'

/** What is left of the findings of one migration, and what allowed nothing. */
export interface Allowed {
  readonly findings: readonly LintFinding[]
  readonly unused: readonly Allowance[]
}

/** Takes out what is allowed. */
export function applyAllowances(findings: readonly LintFinding[], allowances: readonly Allowance[]): Allowed {
  const used = new Set<Allowance>()
  const left = findings.filter((finding) => {
    const matching = allowances.filter((allowance) => covers(allowance, finding))
    for (const allowance of matching) used.add(allowance)
    return matching.length === 0
  })
  return { findings: left, unused: allowances.filter((allowance) => !used.has(allowance)) }
}

/** What is of no statement is allowed anywhere in its file. */
function covers(allowance: Allowance, { rule, statement }: LintFinding): boolean {
  return (
    allowance.rule === rule &&
    (statement === null || allowance.statement === null || allowance.statement === statement)
  )
}
