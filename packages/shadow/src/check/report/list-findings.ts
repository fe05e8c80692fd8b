import type { MigrationId, TidemarkError } from '@tidemark/core'
import type { LintFinding } from '@tidemark/lint'
import type { ClosureReport } from '../closure/closure-report.ts'
import type { OrderReport } from '../order/order-report.ts'
import type { Reversibility } from '../reversibility/reversibility.ts'
import { CHECK_SEVERITIES, type CheckFinding } from './check-report.ts'
import { finding } from './finding.ts'
import { findingsOfClosure } from './findings-of-closure.ts'
import { findingsOfOrder } from './findings-of-order.ts'
import { findingsOfReversibility } from './findings-of-reversibility.ts'

/** What the parts of a check came to. */
export interface PartResults {
  /** Every migration, in plan order. */
  readonly ids: readonly MigrationId[]
  readonly failed: readonly { readonly migrationId: MigrationId; readonly error: TidemarkError }[]
  readonly order: OrderReport | null
  readonly closure: ClosureReport | null
  readonly reversibility: readonly Reversibility[]
  readonly lint: readonly LintFinding[]
}

/** Puts what was seen into sentences, the heaviest first, then in plan order. */
export function listFindings({
  ids,
  failed,
  order,
  closure,
  reversibility,
  lint,
}: PartResults): readonly CheckFinding[] {
  const places = new Map(ids.map((id, place) => [id, place]))
  const rank = ({ severity, migrationId }: CheckFinding) =>
    CHECK_SEVERITIES.indexOf(severity) * ids.length + (places.get(migrationId) ?? 0)
  const ofClosure = closure === null ? [] : findingsOfClosure(closure)
  const known = new Set(ofClosure.flatMap(({ edits }) => edits.map((edit) => JSON.stringify(edit))))
  // A dependency that is missing shows as an order that fails, too.
  const isKnown = ({ rule, edits }: CheckFinding) =>
    rule === 'order-fails' && edits.every((edit) => known.has(JSON.stringify(edit)))
  const all = [
    ...failed.map(({ migrationId, error }) =>
      finding({
        part: 'runs',
        rule: 'does-not-run',
        severity: 'error',
        migrationId,
        message: error.message,
        error,
      }),
    ),
    ...(order === null ? [] : findingsOfOrder(order).filter((one) => !isKnown(one))),
    ...ofClosure,
    ...reversibility.flatMap(findingsOfReversibility),
    ...lint.map(findingOfLint),
  ]
  return all.sort((a, b) => rank(a) - rank(b))
}

function findingOfLint({ statement, span, safeSql, rewrite, ...found }: LintFinding): CheckFinding {
  return finding({
    ...found,
    part: 'lint',
    statement: statement === null ? null : { section: 'up', place: statement },
    span: span ?? null,
    safeSql: safeSql ?? null,
    rewrite: rewrite ?? null,
  })
}
