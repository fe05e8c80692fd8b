import { differenceKey } from '@tidemark/core'
import * as z from 'zod'
import type { AcceptedDrift, DriftedObject } from './drift.ts'
import { driftValue } from './drift-value.ts'
import type { FoundDrift } from './find-drift.ts'
import { showObject } from './show-object.ts'

/** The file `tidemark.drift.json`: what was accepted, by object. */
export const AcceptedDriftSchema = z.strictObject({
  $comment: z.string().optional(),
  accepted: z.record(
    z.string(),
    z.strictObject({ value: z.string().regex(/^[0-9a-f]{64}$/), reason: z.string().min(1) }),
  ),
})

/** Drift, apart from what was accepted with the value that it has now. */
export interface SortedDrift {
  readonly drift: readonly DriftedObject[]
  readonly accepted: readonly AcceptedDrift[]
  readonly outdated: readonly AcceptedDrift[]
}

/** Sets apart what was accepted: another value than the accepted one is drift again. */
export function sortAccepted(found: FoundDrift, accepted: readonly AcceptedDrift[]): SortedDrift {
  const drifted = found.drift.map((difference): DriftedObject => {
    const { kind, id } = difference.change === 'changed' ? difference : difference.object
    return {
      object: differenceKey(difference),
      difference,
      value: driftValue(difference),
      sql: showObject(kind, id),
    }
  })
  const values = new Map(drifted.map(({ object, value }) => [object, value]))
  const holds = ({ object, value }: AcceptedDrift) => values.get(object) === value
  const held = new Set(accepted.filter(holds).map(({ object }) => object))
  return {
    drift: drifted.filter(({ object }) => !held.has(object)),
    accepted: accepted.filter(holds),
    outdated: accepted.filter((one) => !holds(one)),
  }
}
