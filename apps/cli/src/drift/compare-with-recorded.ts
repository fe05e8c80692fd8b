import {
  compareMarks,
  type Diagnostic,
  type MarkComparison,
  type ReadingSession,
  readCatalogMark,
} from '@tidemark/core'
import { trackedScope } from '../database/open-database.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { formatMoment } from '../text/duration.ts'

/** Compares the schema with what the last run with `trackDrift` recorded: one reading, without a shadow. */
export async function compareWithRecorded(
  session: ReadingSession,
  settings: Pick<DatabaseSettings, 'drift' | 'schema' | 'searchPath'>,
): Promise<MarkComparison> {
  const recorded = await session.store.readCatalogMark()
  if (recorded === null) return { kind: 'not recorded' }
  const scope = { ...trackedScope(settings), trackingSchema: settings.schema }
  return compareMarks(recorded, await readCatalogMark(session.catalog, scope))
}

/** Says what a comparison came to; an error only where something has changed. */
export function describeComparison(comparison: MarkComparison): Diagnostic & { readonly code: 'TM4013' } {
  const code = 'TM4013'
  switch (comparison.kind) {
    case 'changed':
      return {
        code,
        severity: 'error',
        message: `the schema has changed since the last run, on ${formatMoment(comparison.since)}`,
        help: 'show what differs from the migrations with: tidemark drift',
      }
    case 'unchanged':
      return {
        code,
        severity: 'note',
        message: `the schema is as the last run left it, on ${formatMoment(comparison.since)}`,
      }
    case 'not recorded':
      return {
        code,
        severity: 'warning',
        message: 'no run has recorded the schema',
        help: 'set trackDrift to true: the next run records it; or compare now with: tidemark drift',
      }
    case 'not comparable':
      return {
        code,
        severity: 'warning',
        message:
          comparison.because === 'role'
            ? `the recorded schema was read by "${comparison.recorded.role}": under another role it is not comparable`
            : 'the recorded schema is not comparable: the server, Tidemark or the settings of drift have changed since',
        help: 'compare with the migrations: tidemark drift',
      }
  }
}
