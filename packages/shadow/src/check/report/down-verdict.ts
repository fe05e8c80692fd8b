import { type DownVerdict, describeCatalogDifference } from '@tidemark/core'
import { judgeDifferences, type Reversibility } from '../reversibility/reversibility.ts'
import { describeLoss } from './findings-of-reversibility.ts'

/** So many sentences say enough to decide; `check` has them all. */
const DETAILS = 5

/**
 * Gives what is remembered of a `@down`: in plans, manifests, and with the migration when it is applied.
 *
 * @returns undefined where there is none, or where it is right as far as was seen and not all could be seen.
 * @example report.reversibility?.map(downVerdictOf)
 */
export function downVerdictOf(reversibility: Reversibility): DownVerdict | undefined {
  const { verdict, differences, failure, rows } = reversibility
  if (verdict === 'irreversible' || verdict === 'up_fails') return undefined
  const isRight = verdict === 'exact' || verdict === 'column_order'
  if (isRight && !isKnown(reversibility)) return undefined
  const schema =
    judgeDifferences(differences) === 'differs' ? differences.flatMap(describeCatalogDifference) : []
  const all = [
    ...(verdict === 'down_fails' && failure !== null ? [failure.message] : []),
    ...(rows?.lost ?? []).map(describeLoss),
    ...schema,
  ]
  const more = all.length > DETAILS ? [`and ${all.length - DETAILS} more`] : []
  return { verdict, details: [...all.slice(0, DETAILS), ...more] }
}

function isKnown({ rows }: Reversibility): boolean {
  if (rows === null) return true
  return rows.unseeded.length === 0 && (rows.verdict !== 'up_fails' || rows.failsOnAnyRow)
}
