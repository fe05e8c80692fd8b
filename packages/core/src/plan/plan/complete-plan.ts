import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { sortDiagnostics } from '../../diagnostic/sort-diagnostics.ts'
import type { MigrationGraph } from '../../graph/migration-graph.ts'
import type { History } from '../history/history.ts'
import { checkVariables } from './check-variables.ts'
import { digestPlan, listBasis } from './digest-plan.ts'
import type { MigrationPlan } from './plan.ts'

/** A plan's own parts; the rest follows from them. */
export type PlanParts = Pick<
  MigrationPlan,
  'direction' | 'request' | 'steps' | 'findings' | 'total' | 'leftOut'
> & {
  readonly graph: MigrationGraph
  readonly history: History
}

/** Adds format version, basis and digest, and sorts the findings: errors first, then by place. */
export function completePlan({ graph, history, ...parts }: PlanParts): MigrationPlan {
  const { missing, valuesDigest } = checkVariables(parts.steps, graph.variables)
  const findings = [...sortDiagnostics([...parts.findings, ...missing])].sort((a, b) => rank(a) - rank(b))
  const undigested = {
    ...parts,
    findings,
    formatVersion: 1,
    basis: listBasis(graph, history),
    ...(valuesDigest === undefined ? {} : { valuesDigest }),
  } as const
  return { ...undigested, digest: digestPlan(undigested) }
}

function rank(finding: Diagnostic): number {
  return ['error', 'warning', 'note'].indexOf(finding.severity)
}
