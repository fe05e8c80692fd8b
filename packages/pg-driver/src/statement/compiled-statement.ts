import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely'
import type { Connection, QueryAnswer } from '../connection/connection.ts'
import { renumberParameters } from './renumber-parameters.ts'
import type { TrackingDatabase } from './tracking-tables.ts'

/** One statement with its parameters, ready for the extended protocol. */
export interface CompiledStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** What each parameter is called; absent when the statement was not made by {@link defineStatement}. */
  readonly names?: readonly (string | null)[]
}

/** What a parameter may be: every driver writes these alike. Lists and objects travel as JSON text. */
export type ParameterValue = string | number | null

/** Types of parameters, in `pg_catalog`: a file may have put anything in front of it in the search_path. */
type ParameterType = 'text' | 'int4' | 'int8' | 'json' | 'jsonb' | 'uuid' | 'timestamptz'

/** What a statement is built from. */
export interface StatementTools<Values> {
  /** A query builder bound to the schema; it compiles and never connects. */
  readonly db: Kysely<TrackingDatabase>
  readonly schema: string
  /** A named parameter, cast on the server, so that its type never depends on its place. */
  readonly parameter: <T = string>(name: keyof Values & string, type: ParameterType) => RawBuilder<T>
}

/** Gives a statement for a schema and values; its SQL text is compiled once a schema. */
export type StatementShape<Values> = (schema: string, values: Values) => CompiledStatement

type Query = RawBuilder<unknown> | { compile(): CompiledQuery }

const offline = new Kysely<TrackingDatabase>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** A fleet has thousands of schemas, and goes through them once. */
const KEPT_SCHEMAS = 64

/**
 * Defines a statement by its shape. The builder runs once a schema; afterwards only parameters are filled in. What
 * was compiled for the last 64 schemas is kept.
 *
 * @example
 * const findStatus = defineStatement<{ id: string }>(({ db, parameter }) =>
 *   db.selectFrom('schema_migrations').select('status').where('id', '=', parameter('id', 'text')))
 * findStatus('public', { id: '001_a' }) // { sql: 'select "status" from "public"."schema_migrations" …', parameters: ['001_a'] }
 */
export function defineStatement<Values extends { readonly [Name in keyof Values]: ParameterValue }>(
  build: (tools: StatementTools<Values>) => Query,
): StatementShape<Values> {
  const shapes = new Map<string, CompiledShape>()
  return (schema, values) => {
    let shape = shapes.get(schema)
    if (shape === undefined) {
      shape = compileShape(build, schema)
      for (const [oldest] of shapes) if (shapes.size >= KEPT_SCHEMAS) shapes.delete(oldest)
      shapes.set(schema, shape)
    }
    return {
      sql: shape.sql,
      parameters: shape.slots.map((slot) => (slot instanceof Slot ? readSlot(values, slot.name) : slot)),
      names: shape.names,
    }
  }
}

/** Compiles a query that has no named parameters, such as DDL. */
export function compileStatement(
  schema: string,
  build: (db: Kysely<TrackingDatabase>) => Query,
): CompiledStatement {
  const { sql: text, parameters } = compile(build(offline.withSchema(schema)))
  return { sql: text, parameters }
}

/** Runs one statement and gives its rows. */
export async function execute<Row extends object>(
  connection: Connection,
  statement: CompiledStatement,
): Promise<readonly Row[]> {
  return (await send<Row>(connection, statement)).rows
}

/** Runs one statement. Sent without awaiting it is pipelined. */
export function send<Row extends object>(
  connection: Connection,
  statement: CompiledStatement,
): Promise<QueryAnswer<Row>> {
  return statement.parameters.length === 0
    ? connection.query<Row>(statement.sql)
    : connection.query<Row>(statement.sql, statement.parameters)
}

class Slot {
  readonly name: string
  readonly type: string
  constructor(name: string, type: string) {
    this.name = name
    this.type = type
  }
}

interface CompiledShape {
  readonly sql: string
  readonly slots: readonly unknown[]
  readonly names: readonly (string | null)[]
}

function compileShape<Values>(
  build: (tools: StatementTools<Values>) => Query,
  schema: string,
): CompiledShape {
  const tools: StatementTools<Values> = {
    db: offline.withSchema(schema),
    schema,
    parameter: (name, type) => sql`cast(${new Slot(name, type)} as pg_catalog.${sql.raw(type)})`,
  }
  const { sql: text, parameters } = compile(build(tools))
  const { slots, places } = shareSlots(parameters)
  return {
    sql: renumberParameters(text, (place) => `$${places[place - 1] ?? place}`),
    slots,
    names: slots.map((slot) => (slot instanceof Slot ? slot.name : null)),
  }
}

/** A parameter that is named several times travels once. */
function shareSlots(parameters: readonly unknown[]) {
  const slots: unknown[] = []
  const places = parameters.map((parameter) => {
    const known = slots.findIndex(
      (slot) =>
        slot instanceof Slot &&
        parameter instanceof Slot &&
        slot.name === parameter.name &&
        slot.type === parameter.type,
    )
    return known < 0 ? slots.push(parameter) : known + 1
  })
  return { slots, places }
}

function compile(query: Query): CompiledQuery {
  return 'isRawBuilder' in query ? query.compile(offline) : query.compile()
}

function readSlot(values: object, name: string): unknown {
  const value: unknown = Reflect.get(values, name)
  if (value === undefined) throw new TypeError(`the parameter "${name}" has no value`)
  return value
}
