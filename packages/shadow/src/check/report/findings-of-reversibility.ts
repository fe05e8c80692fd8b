import { describeCatalogDifference } from '@tidemark/core'
import type { Reversibility } from '../reversibility/reversibility.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import type { CheckFinding } from './check-report.ts'
import { finding } from './finding.ts'

/** Says what a `@down` does not give back. */
export function findingsOfReversibility(reversibility: Reversibility): readonly CheckFinding[] {
  return [...findingsOfDown(reversibility), ...findingsOfSecondUp(reversibility)]
}

function findingsOfDown(reversibility: Reversibility): readonly CheckFinding[] {
  const { migrationId, verdict, differences, failure } = reversibility
  const common = { part: 'reversibility', migrationId } as const
  switch (verdict) {
    case 'exact':
    case 'up_fails':
      return []
    case 'irreversible':
      return [
        finding({
          ...common,
          rule: 'irreversible',
          severity: 'note',
          message: `"${migrationId}" has no @down`,
        }),
      ]
    case 'column_order': {
      const message = `after the @down of "${migrationId}" the columns are in another order`
      return [finding({ ...common, rule: 'down-order-of-columns', severity: 'note', message })]
    }
    case 'differs': {
      const message = `the @down of "${migrationId}" does not bring back the schema from before it`
      const details = differences.flatMap(describeCatalogDifference)
      return [finding({ ...common, rule: 'down-differs', severity: 'warning', message, details })]
    }
    case 'down_fails': {
      const message = `the @down of "${migrationId}" fails: ${failure?.message ?? ''}`
      return [
        finding({ ...common, rule: 'down-fails', severity: 'error', message, statement: placeOf(failure) }),
      ]
    }
  }
}

function findingsOfSecondUp({ migrationId, secondUp }: Reversibility): readonly CheckFinding[] {
  const common = { part: 'reversibility', severity: 'warning', migrationId } as const
  if (secondUp?.kind === 'fails') {
    const message = `"${migrationId}" cannot be applied again after its @down: ${secondUp.failure.message}`
    return [finding({ ...common, rule: 'down-then-up-fails', message, statement: placeOf(secondUp.failure) })]
  }
  if (secondUp?.kind !== 'differs') return []
  const message = `applied again after its @down, "${migrationId}" makes another schema`
  const details = secondUp.differences.flatMap(describeCatalogDifference)
  return [finding({ ...common, rule: 'down-then-up-differs', message, details })]
}

function placeOf(failure: TrialFailure | null): CheckFinding['statement'] {
  return failure?.statement == null ? null : { section: failure.section, place: failure.statement }
}
