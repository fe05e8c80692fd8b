import { sql } from 'kysely'
import { type CompiledStatement, compileStatement } from '../../statement/compiled-statement.ts'
import { asStatus, columnsOf, columnType, commentStatements, createIndexes } from '../schema/create-tables.ts'
import { HISTORY_INDEX, LAYOUT, layoutOf, SUMMARY_INDEX } from '../schema/tracking-schema.ts'
import type { TableState, TrackingState } from '../schema/tracking-state.ts'
import { insertAttempt } from './insert-attempt.ts'

/**
 * Builds what brings tables of an older layout to this one: columns and indexes are added, nothing is
 * dropped.
 */
export function upgradeStatements(state: TrackingState, schema: string): readonly CompiledStatement[] {
  const history = state.tables.find(({ name }) => name === 'migration_history')
  const known = state.tables.some(({ name }) => name === 'schema_migrations')
  const isUnexplained = known && (history === undefined || state.tables.some(isBeforeLayouts))
  return [
    ...state.tables.flatMap((table) => [...missingColumns(schema, table), ...missingIndexes(schema, table)]),
    ...(isUnexplained ? [addAttemptsOfOlderRows(schema)] : []),
    ...(history === undefined || history.columns.includes('sequence') ? [] : numberAttempts(schema)),
  ]
}

/** Columns that layout 1 had not: without them alone, every row has its attempts. */
const SINCE_LAYOUT_2: ReadonlySet<string> = new Set(['sequence', 'idle', 'catalog', 'progress'])

function isBeforeLayouts({ name, columns }: TableState): boolean {
  return columnsOf(name).some(([column]) => !columns.includes(column) && !SINCE_LAYOUT_2.has(column))
}

function missingColumns(
  schema: string,
  { name, columns, comment }: TableState,
): readonly CompiledStatement[] {
  const missing = columnsOf(name).filter(
    ([column, { identity }]) => !columns.includes(column) && identity === undefined,
  )
  const isOlder = comment === null || (layoutOf(comment) ?? LAYOUT) < LAYOUT
  const commented = missing.map(([column]) => column)
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
    ...(missing.length > 0 || isOlder ? commentStatements(schema, name, commented) : []),
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
      and not exists (select from ${sql.id(schema, 'migration_history')} h where h.migration_id = m.id)
    order by m.applied_at nulls last, m.id collate "C"`
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

/** Numbers the attempts of an older layout by their clocks, which is all that is known of their order. */
function numberAttempts(schema: string): readonly CompiledStatement[] {
  const history = sql.id(schema, 'migration_history')
  const statements = [
    sql`alter table ${history} add column sequence bigint`,
    sql`update ${history} h set sequence = known.place from (
      select ctid, pg_catalog.row_number() over (order by executed_at, migration_id collate "C", id) as place
      from ${history}) known where h.ctid = known.ctid`,
    sql`alter table ${history} alter column sequence set not null`,
    sql`alter table ${history} alter column sequence add generated always as identity`,
    sql`select pg_catalog.setval(pg_catalog.pg_get_serial_sequence(
      pg_catalog.quote_ident(${sql.lit(schema)}) || '.migration_history', 'sequence'), max(sequence)) from ${history}`,
  ]
  return [
    ...statements.map((statement) => compileStatement(schema, () => statement)),
    ...commentStatements(schema, 'migration_history', ['sequence']),
  ]
}
