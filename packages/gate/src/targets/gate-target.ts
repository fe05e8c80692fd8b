import type { GateRequest } from '../http/allow.ts'
import type { GateDatabase } from '../status/query-status.ts'

/** One of many databases or schemas, as a function names it for a request. */
export interface GateTarget<Database = GateDatabase> {
  /** Its name, by which what is known of it is kept. */
  readonly name: string
  /** A pool, or anything else with `query(text, values)`; with `@tidemark/gate/pg` also a `postgres://` URL. */
  readonly database: Database
  /** The schema of its tracking tables. Default `public`. */
  readonly schema?: string | undefined
}

/** Says which target a request is for; undefined where there is none of that name. */
export type TargetOf<Database = GateDatabase> = (
  request: GateRequest,
) => GateTarget<Database> | undefined | PromiseLike<GateTarget<Database> | undefined>

/**
 * Checks what such a function returned.
 *
 * @throws TypeError, which reaches the error handler of the application.
 */
export function readTarget<Database>(
  given: GateTarget<Database> | undefined,
  isDatabase: (value: unknown) => value is Database,
): (GateTarget<Database> & { readonly schema: string }) | undefined {
  if (given === undefined || given === null) return undefined
  if (typeof given !== 'object') throw wrong('an object, or undefined')
  const { name, database, schema = 'public' } = given
  if (typeof name !== 'string' || name === '') throw wrong('a "name"')
  if (!isDatabase(database)) throw wrong('a "database" with query(text, values)')
  if (typeof schema !== 'string' || schema === '') throw wrong('the name of a schema as "schema"')
  return { name, database, schema }
}

function wrong(needs: string): TypeError {
  return new TypeError(`createGate: "target" needs to return ${needs}`)
}
