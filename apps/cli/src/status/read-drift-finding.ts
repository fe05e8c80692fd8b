import type { Diagnostic } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { compareWithRecorded, describeComparison } from '../drift/compare-with-recorded.ts'
import { withReader } from './read-state.ts'

/** Tells whether the schema has changed since the last run with `trackDrift`, as a finding. */
export async function readDriftFinding(
  settings: DatabaseSettings,
  signal: AbortSignal,
): Promise<readonly [Diagnostic]> {
  const comparison = await withReader(settings, signal, (session) => compareWithRecorded(session, settings))
  return [describeComparison(comparison)]
}
