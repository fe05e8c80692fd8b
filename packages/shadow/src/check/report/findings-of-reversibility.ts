import { describeCatalogDifference } from '@tidemark/core'
import { judgeDifferences, type Reversibility } from '../reversibility/reversibility.ts'
import type { RowLoss } from '../reversibility/rows/row-reversibility.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import type { CheckFinding, CheckGap } from './check-report.ts'
import { finding } from './finding.ts'

/** Says what a `@down` does not give back. */
export function findingsOfReversibility(reversibility: Reversibility): readonly CheckFinding[] {
  return [...findingsOfDown(reversibility), ...findingsOfSecondUp(reversibility)]
}

function findingsOfDown(reversibility: Reversibility): readonly CheckFinding[] {
  const { migrationId, verdict, differences, failure } = reversibility
  const common = { part: 'reversibility', migrationId } as const
  if (verdict === 'up_fails') return []
  if (verdict === 'irreversible') {
    const message = `"${migrationId}" has no @down`
    return [finding({ ...common, rule: 'irreversible', severity: 'note', message })]
  }
  const ofRows = findingsOfRows(reversibility)
  const fails = verdict === 'down_fails' && reversibility.rows === null
  if (fails) {
    const message = `the @down of "${migrationId}" fails: ${failure?.message ?? ''}`
    return [
      finding({ ...common, rule: 'down-fails', severity: 'error', message, statement: placeOf(failure) }),
    ]
  }
  const schema = judgeDifferences(differences)
  if (schema === 'exact') return ofRows
  if (schema === 'column_order') {
    const message = `after the @down of "${migrationId}" the columns are in another order`
    return [...ofRows, finding({ ...common, rule: 'down-order-of-columns', severity: 'note', message })]
  }
  const message = `the @down of "${migrationId}" does not bring back the schema from before it`
  const details = differences.flatMap(describeCatalogDifference)
  return [...ofRows, finding({ ...common, rule: 'down-differs', severity: 'warning', message, details })]
}

function findingsOfRows({ migrationId, rows }: Reversibility): readonly CheckFinding[] {
  const common = { part: 'reversibility', migrationId } as const
  if (rows?.verdict === 'lost') {
    const message = `the @down of "${migrationId}" does not bring back rows from before it`
    const details = rows.lost.map(describeLoss)
    return [finding({ ...common, rule: 'down-loses-data', severity: 'warning', message, details })]
  }
  if (rows?.verdict !== 'down_fails' && rows?.verdict !== 'up_fails') return []
  const { failure, failsOnAnyRow } = rows
  const on = failsOnAnyRow ? 'where its table has any row' : 'where its tables have rows'
  const statement = placeOf(failure)
  if (rows.verdict === 'down_fails') {
    const message = `the @down of "${migrationId}" fails ${on}: ${failure?.message ?? ''}`
    return [finding({ ...common, rule: 'down-fails-with-rows', severity: 'error', message, statement })]
  }
  // That generated rows do not fit says nothing about those of a database.
  if (!failsOnAnyRow) return []
  const message = `"${migrationId}" fails ${on}: ${failure?.message ?? ''}`
  return [finding({ ...common, rule: 'up-fails-with-rows', severity: 'warning', message, statement })]
}

/** Says what is gone of the rows of a table. */
export function describeLoss({ table, rows, of, columns }: RowLoss): string {
  const gone = rows === 0 ? [] : [`${rows === of ? 'all' : `${rows} of ${of}`} rows of ${table} are gone`]
  const values =
    columns.length === 0 ? [] : [`the values of ${columns.join(', ')} in ${table} do not come back`]
  return [...gone, ...values].join(', and ')
}

/** Says of which rows nothing is known. */
export function gapsOfRows({ migrationId, rows }: Reversibility): readonly CheckGap[] {
  const common = { part: 'reversibility', migrationId } as const
  const unseeded = (rows?.unseeded ?? []).map(
    ({ table, why }): CheckGap => ({ ...common, why: `no row could be made for ${table}: ${why}` }),
  )
  if (rows?.verdict !== 'up_fails' || rows.failsOnAnyRow) return unseeded
  const why = `what it does to rows is not known: it needs other data than was generated: ${rows.failure?.message ?? ''}`
  return [...unseeded, { ...common, why }]
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
