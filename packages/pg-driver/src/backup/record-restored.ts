import type { RunIdentity } from '@tidemark/core'
import { sql } from 'kysely'
import type { Connection } from '../connection/connection.ts'
import { defineStatement, execute } from '../statement/compiled-statement.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from '../tracking/write/insert-attempt.ts'
import type { RestoreStep } from './plan-restore.ts'
import { quoteTable } from './table-state.ts'

/** What was restored, and by whom. */
export interface RestoredRun {
  /** The run that had saved it. */
  readonly runId: string
  readonly steps: readonly RestoreStep[]
  readonly run: RunIdentity
}

/** Writes an audit row for each archive of a restore, where this database has a history. */
export async function recordRestored(
  schema: string,
  connection: Connection,
  { runId, steps, run }: RestoredRun,
): Promise<void> {
  const { rows } = await connection.query<{ tracked: boolean }>(
    'SELECT to_regclass($1::text) IS NOT NULL AS tracked',
    [quoteTable({ schema, name: 'migration_history' })],
  )
  if (rows[0]?.tracked !== true) return
  for (const { entry, tables } of steps) {
    const names = tables.map((table) => `${table.schema}.${table.name}`)
    const details = { restored: { run: runId, file: entry.file, tables: names } }
    const values = { ...runValues(run, undefined, details), id: entry.migrationId }
    await execute(connection, recordRestore(schema, values))
  }
}

const recordRestore = defineStatement<RunValues & { readonly id: string }>((tools) => {
  const { schema, parameter } = tools
  const restored = sql`${sql.id(schema, 'schema_migrations')} where id = ${parameter('id', 'text')}`
  return insertAttempt(schema, restored, {
    migration_id: sql`id`,
    status: sql`status`,
    direction: sql.lit('repair'),
    checksum: sql`checksum`,
    ...runColumns(tools),
  })
})
