import type { RunIdentity } from '@tidemark/core'
import { storableJson } from '../../statement/storable.ts'

/** Gives an attempt's `details` as JSON: why the run was made, what was noted before it, and what the attempt says itself. */
export function attemptJson(
  run: RunIdentity,
  id: string | undefined,
  details: Readonly<Record<string, unknown>> | undefined,
): string | null {
  const all = {
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    ...(id === undefined ? {} : run.notes?.get(id)),
    ...details,
  }
  return Object.keys(all).length === 0 ? null : storableJson(all)
}
