import { describeCatalogDifference, type MigrationId } from '@tidemark/core'
import type { OrderReport, UnexplainedOrder } from '../order/order-report.ts'
import type { PairResult } from '../order/pair-verdict.ts'
import type { CheckFinding } from './check-report.ts'
import { finding } from './finding.ts'

/** Says what the order of migrations does. */
export function findingsOfOrder({ results, unexplained }: OrderReport): readonly CheckFinding[] {
  return [...results.flatMap(findingOfPair), ...unexplained.map(findingOfOrder)]
}

function findingOfPair({ pair: [a, b], verdict }: PairResult): readonly CheckFinding[] {
  const both = { part: 'order', migrationId: b, others: [a] } as const
  const after = { kind: 'add', migrationId: b, dependsOn: a } as const
  switch (verdict.kind) {
    case 'same':
    case 'fails_alone':
    case 'not_checked':
      return []
    case 'differs': {
      const message = `the schema depends on whether "${a}" or "${b}" runs first`
      const details = verdict.differences.flatMap(describeCatalogDifference)
      return [
        finding({ ...both, rule: 'order-differs', severity: 'error', message, details, edits: [after] }),
      ]
    }
    case 'one_order_fails': {
      const { first, failed, failure } = verdict
      const last = first === a ? b : a
      const message =
        failed === last
          ? `"${last}" works only after "${first}": ${failure.message}`
          : `"${first}" works only before "${last}": ${failure.message}`
      return [
        finding({
          part: 'order',
          rule: 'order-fails',
          severity: 'error',
          migrationId: last,
          others: [first],
          message,
          edits: [{ kind: 'add', migrationId: last, dependsOn: first }],
        }),
      ]
    }
    case 'both_fail': {
      const message = `"${a}" and "${b}" cannot both be applied: ${verdict.failure.message}`
      return [finding({ ...both, rule: 'cannot-both-run', severity: 'error', message })]
    }
    case 'rows_differ': {
      const message = `the rows of ${verdict.tables.join(', ')} depend on whether "${a}" or "${b}" runs first`
      return [finding({ ...both, rule: 'order-changes-rows', severity: 'warning', message, edits: [after] })]
    }
    case 'column_order': {
      const message = `the order of columns depends on whether "${a}" or "${b}" runs first`
      const details = verdict.differences.map(tableOf)
      return [finding({ ...both, rule: 'order-of-columns', severity: 'note', message, details })]
    }
    case 'generated_names': {
      const message = `names that PostgreSQL makes up depend on whether "${a}" or "${b}" runs first`
      const details = verdict.differences.flatMap(describeCatalogDifference)
      return [finding({ ...both, rule: 'order-of-names', severity: 'note', message, details })]
    }
  }
}

function tableOf(difference: PairDifference): string {
  return difference.change === 'changed' ? difference.id : difference.object.id
}

type PairDifference = Extract<PairResult['verdict'], { readonly kind: 'column_order' }>['differences'][number]

function findingOfOrder({ order, failure, differences }: UnexplainedOrder): CheckFinding {
  const last = failure?.migrationId ?? order.at(-1) ?? ''
  const message =
    failure === null
      ? 'an order that the dependencies permit ends with another schema'
      : `an order that the dependencies permit fails at "${last}": ${failure.message}`
  return finding({
    part: 'order',
    rule: 'order-of-many',
    severity: 'error',
    migrationId: last,
    others: order.filter((id: MigrationId) => id !== last),
    message,
    details: [`the order: ${order.join(', ')}`, ...differences.flatMap(describeCatalogDifference)],
  })
}
