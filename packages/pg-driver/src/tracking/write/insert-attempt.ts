import type { RunIdentity } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import type { StatementTools } from '../../statement/compiled-statement.ts'
import { storableJson } from '../../statement/storable.ts'
import type { MigrationHistoryTable } from '../../statement/tracking-tables.ts'

/** The values of an attempt, column by column. */
export type AttemptColumns = {
  readonly [Column in keyof MigrationHistoryTable]?: RawBuilder<unknown>
} & { readonly [Column in 'migration_id' | 'status' | 'direction']: RawBuilder<unknown> }

/**
 * Builds the INSERT of one attempt for each row of `from`. `executed_at` is the time of the statement unless
 * it is given.
 *
 * @example insertAttempt(schema, sql`recorded`, { migration_id: sql`id`, status: sql.lit('failed'), direction: sql.lit('up') })
 */
export function insertAttempt(
  schema: string,
  from: RawBuilder<unknown>,
  columns: AttemptColumns,
): RawBuilder<unknown> {
  const executedAt = columns.executed_at ?? sql`pg_catalog.clock_timestamp()`
  const all: AttemptColumns = { ...columns, executed_at: executedAt }
  const names = Object.keys(all).map((name) => sql.id(name))
  return sql`insert into ${sql.id(schema, 'migration_history')} (${sql.join(names)})
    select ${sql.join(Object.values(all))} from ${from}`
}

/** Parameters that say which run wrote a row, and why. */
export interface RunValues {
  readonly runId: string
  readonly executedBy: string
  readonly toolVersion: string
  readonly details: string | null
}

/** Gives these parameters; `id` is the migration whose notes belong to the attempt. */
export function runValues(
  run: RunIdentity,
  id: string | undefined,
  details: Readonly<Record<string, unknown>> | undefined,
): RunValues {
  const { runId, executedBy, toolVersion } = run
  return { runId, executedBy, toolVersion, details: attemptDetails(run, id, details) }
}

/** Gives the columns of an attempt that say which run made it, and why. */
export function runColumns({ parameter }: Pick<StatementTools<RunValues>, 'parameter'>) {
  return {
    run_id: parameter('runId', 'uuid'),
    executed_by: parameter('executedBy', 'text'),
    details: parameter('details', 'jsonb'),
  }
}

/**
 * Gives an attempt's `details` as JSON: why the run was made, what was noted before it, and what the attempt
 * says itself.
 */
function attemptDetails(
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
