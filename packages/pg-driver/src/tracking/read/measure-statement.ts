import type { AttemptMeasures, RunIdentity } from '@tidemark/core'
import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { storableJson } from '../../statement/storable.ts'

const measure = defineStatement<{ readonly runId: string; readonly measures: string }>(
  ({ schema, parameter }) => sql`update ${sql.id(schema, 'migration_history')} h
    set details = coalesce(h.details, '{}') || m.details
    from pg_catalog.json_to_recordset(${parameter('measures', 'json')}) as m(
      id pg_catalog.text, direction pg_catalog.text, details pg_catalog.jsonb)
    where h.run_id = ${parameter('runId', 'uuid')} and h.migration_id = m.id and h.direction = m.direction`,
)

/**
 * Builds what adds to the attempts of a run what was measured of them: the times are known only when the
 * answers are, and by then the attempt is committed. One statement a run, sent when it ends; a run that is
 * killed leaves its attempts without.
 */
export function measureStatement(
  schema: string,
  run: RunIdentity,
  measures: readonly AttemptMeasures[],
): CompiledStatement {
  return measure(schema, { runId: run.runId, measures: storableJson(measures) })
}
