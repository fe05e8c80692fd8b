import { type ColumnDefinitionBuilder, type RawBuilder, sql } from 'kysely'
import { type CompiledStatement, compileStatement } from '../../statement/compiled-statement.ts'
import type { TrackingTable } from '../../statement/tracking-tables.ts'
import {
  COLUMNS,
  type ColumnDefinition,
  ENUMS,
  HISTORY_INDEX,
  SUMMARY_INDEX,
  TABLE_COMMENTS,
  TRACKING_TABLES,
} from './tracking-schema.ts'
import type { TrackingState } from './tracking-state.ts'

/** Builds what creates the schema, the enums and the tables that do not exist yet, with their comments. */
export function createStatements(state: TrackingState, schema: string): readonly CompiledStatement[] {
  const types = new Set(state.types.map(({ name }) => name))
  const tables = new Set<string>(state.tables.map(({ name }) => name))
  return [
    ...(state.schemaExists ? [] : [compileStatement(schema, (db) => db.schema.createSchema(schema))]),
    ...(['migration_type', 'migration_status'] as const)
      .filter((name) => !types.has(name))
      .map((name) => compileStatement(schema, (db) => db.schema.createType(name).asEnum([...ENUMS[name]]))),
    ...TRACKING_TABLES.filter((table) => !tables.has(table)).flatMap((table) => [
      createTable(schema, table),
      ...createIndexes(schema, table),
      ...commentStatements(schema, table, Object.keys(COLUMNS[table])),
    ]),
  ]
}

function createTable(schema: string, table: TrackingTable): CompiledStatement {
  return compileStatement(schema, (db) => {
    let builder = db.schema.createTable(table)
    for (const [name, definition] of columnsOf(table)) {
      builder = builder.addColumn(name, columnType(schema, definition), (column) =>
        constrain(column, definition),
      )
    }
    return table === 'schema_migrations' ? builder.modifyEnd(ROOM_TO_UPDATE) : builder
  })
}

/**
 * Every row is written twice, pending and completed: with room in its page the second time touches no index.
 */
const ROOM_TO_UPDATE = sql`with (fillfactor = 50)`

function constrain(column: ColumnDefinitionBuilder, definition: ColumnDefinition): ColumnDefinitionBuilder {
  const defaulted = definition.default === undefined ? column : column.defaultTo(sql.raw(definition.default))
  if (definition.identity) return column.notNull().generatedAlwaysAsIdentity()
  const linked = definition.references === undefined ? defaulted : defaulted.references(definition.references)
  if (definition.constraint === 'primary key') return linked.primaryKey()
  return definition.constraint === 'not null' ? linked.notNull() : linked
}

/** Builds the indexes that a table has beside its primary key. */
export function createIndexes(schema: string, table: TrackingTable): readonly CompiledStatement[] {
  if (table === 'migration_history') {
    return [
      compileStatement(schema, (db) =>
        db.schema.createIndex(HISTORY_INDEX).on(table).columns(['migration_id', 'executed_at desc']),
      ),
    ]
  }
  if (table === 'schema_migrations') return []
  return [
    compileStatement(schema, (db) =>
      db.schema.createIndex(SUMMARY_INDEX).unique().on(table).expression(sql`(true)`),
    ),
  ]
}

/** Builds COMMENT ON for a table and some of its columns. */
export function commentStatements(
  schema: string,
  table: TrackingTable,
  columns: readonly string[],
): readonly CompiledStatement[] {
  const named = columnsOf(table).filter(([name]) => columns.includes(name))
  return [
    compileStatement(
      schema,
      () => sql`comment on table ${sql.id(schema, table)} is ${sql.lit(TABLE_COMMENTS[table])}`,
    ),
    ...named.map(([name, { comment }]) =>
      compileStatement(
        schema,
        () => sql`comment on column ${sql.id(schema, table, name)} is ${sql.lit(comment)}`,
      ),
    ),
  ]
}

/** Lists a table's columns with their definitions, in order. */
export function columnsOf(table: TrackingTable): readonly (readonly [string, ColumnDefinition])[] {
  return Object.entries(COLUMNS[table])
}

/** Gives a column's type as SQL; enums are in the tracking schema. */
export function columnType(schema: string, { type }: ColumnDefinition): RawBuilder<unknown> {
  return typeof type === 'string' ? sql.raw(type) : sql.id(schema, type.enum)
}

/** Casts a status to our enum: in a table of the first layout the column may be text. */
export function asStatus(schema: string, status: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${status}::pg_catalog.text::${sql.id(schema, 'migration_status')}`
}
