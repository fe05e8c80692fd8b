import { sql } from 'kysely'
import { type CompiledStatement, compileStatement } from '../../statement/compiled-statement.ts'
import { asStatus, columnsOf, columnType, commentStatements, createIndexes } from '../schema/create-tables.ts'
import { HISTORY_INDEX, SUMMARY_INDEX } from '../schema/tracking-schema.ts'
import type { TableState, TrackingState } from '../schema/tracking-state.ts'
import { insertAttempt } from './insert-attempt.ts'

/** Builds what brings tables of an older layout to this one: columns and indexes are added, nothing is dropped. */
export function upgradeStatements(state: TrackingState, schema: string): readonly CompiledStatement[] {
  const upgraded = state.tables.flatMap((table) => [
    ...missingColumns(schema, table),
    ...missingIndexes(schema, table),
  ])
  const older = state.tables.some(({ name }) => name === 'schema_migrations') && upgraded.length > 0
  const noHistory = !state.tables.some(({ name }) => name === 'migration_history')
  const known = state.tables.some(({ name }) => name === 'schema_migrations')
  return older || (known && noHistory) ? [...upgraded, addAttemptsOfOlderRows(schema)] : upgraded
}

function missingColumns(
  schema: string,
  { name, columns, comment }: TableState,
): readonly CompiledStatement[] {
  const missing = columnsOf(name).filter(([column]) => !columns.includes(column))
  if (missing.length === 0) return comment === null ? commentStatements(schema, name, []) : []
  return [
    ...missing.map(([column, definition]) =>
      compileStatement(schema, (db) =>
        db.schema.alterTable(name).addColumn(column, columnType(schema, definition), (builder) => {
          const defaulted =
            definition.default === undefined ? builder : builder.defaultTo(sql.raw(definition.default))
          return definition.constraint === 'not null' ? defaulted.notNull() : defaulted
        }),
      ),
    ),
    ...commentStatements(
      schema,
      name,
      missing.map(([column]) => column),
    ),
  ]
}

function missingIndexes(schema: string, { name, indexes }: TableState): readonly CompiledStatement[] {
  if (name === 'migration_history' && !indexes.includes(HISTORY_INDEX)) return createIndexes(schema, name)
  if (name !== 'database_schema' || indexes.includes(SUMMARY_INDEX)) return []
  return [
    compileStatement(
      schema,
      () => sql`delete from ${sql.id(schema, name)} where ctid <> (
        select ctid from ${sql.id(schema, name)} order by updated_at desc limit 1)`,
    ),
    ...createIndexes(schema, name),
  ]
}

/** What an older version applied has no attempt here; without one its rows would pass for edits by hand. */
function addAttemptsOfOlderRows(schema: string): CompiledStatement {
  const unexplained = sql`${sql.id(schema, 'schema_migrations')} m
    where m.status::pg_catalog.text <> 'pending'
      and not exists (select from ${sql.id(schema, 'migration_history')} h where h.migration_id = m.id)`
  return compileStatement(schema, () =>
    insertAttempt(schema, unexplained, {
      migration_id: sql`m.id`,
      status: asStatus(schema, sql`m.status`),
      direction: sql.lit('baseline'),
      executed_at: sql`coalesce(m.applied_at, pg_catalog.now())`,
      executed_by: sql.lit('(upgrade)'),
      checksum: sql`m.checksum`,
      details: sql`'{"upgrade": true}'`,
    }),
  )
}
