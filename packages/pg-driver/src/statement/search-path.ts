import { type RawBuilder, sql } from 'kysely'
import type { Connection } from '../connection/connection.ts'
import { SEPARATOR } from '../connection/file-statement.ts'
import { inlineParameters } from './inline-parameters.ts'

/**
 * Makes the rest of a transaction, or of a message outside of one, find names in `pg_catalog` alone.
 * Operators, functions and types of any other schema, also those of a temporary one, cannot take the place of
 * what is meant.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH
 */
export const PIN_SEARCH_PATH = 'SET LOCAL search_path = pg_catalog, pg_temp'

/**
 * Makes a connection whose `query` runs every statement with {@link PIN_SEARCH_PATH}, in the same message and
 * for this message alone: nothing stays in the session, so it is safe behind every pooler. In a transaction
 * the path stays until its end. `send` and `copyIn` run what they are given as it is: SQL of files, and
 * commands that name no object or cannot share a message, such as ROLLBACK or DROP INDEX CONCURRENTLY.
 *
 * @example await pinSearchPath(connection).query('SELECT $1 || 1', ['a'])
 */
export function pinSearchPath(connection: Connection): Connection {
  return {
    ...connection,
    query: (text, values) =>
      // After an error nothing else is taken, and SET before it neither.
      text === 'ROLLBACK'
        ? connection.query(text)
        : connection.query(
            `${PIN_SEARCH_PATH}${SEPARATOR}${values === undefined ? text : inlineParameters({ sql: text, parameters: values })}`,
          ),
  }
}

/**
 * Names an operator with its schema, for statements that run in the search_path of a file: nothing in that path
 * can take its place, and none has to be set and given back. All operators written so bind alike: mind the
 * parentheses.
 *
 * @example sql`m.id ${operator('=')} 'x'` // m.id operator(pg_catalog.=) 'x'
 */
export function operator(name: '=' | '<>' | '<' | '>' | '-' | '*' | '||'): RawBuilder<unknown> {
  return sql.raw(`operator(pg_catalog.${name})`)
}
