import { sql } from 'kysely'
import type { Connection } from '../../connection/connection.ts'
import { SEPARATOR } from '../../connection/file-statement.ts'
import { isServerError } from '../../connection/sql-state.ts'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { inlineParameters } from '../../statement/inline-parameters.ts'
import type { TrackingTable } from '../../statement/tracking-tables.ts'
import { writeShared } from '../../statement/write-shared.ts'
import { runsCodeWhenRead } from '../schema/oddities.ts'
import { schemaOid } from '../schema/schema-oid.ts'
import { untrustedObjects } from '../schema/tracking-errors.ts'
import { hiddenRows, rowsAreHidden } from '../schema/visible-rows.ts'

/** Raises when reading one of the tables would run code of others, or when row security hides its rows. */
const checkTables = defineStatement<{ readonly schema: string; readonly tables: string }>(
  ({
    parameter,
  }) => sql`select cast(case when ${rowsAreHidden()} then 'TM hidden ' else 'TM untrusted ' end || c.relname as int)
    from pg_catalog.pg_class c
    where c.relnamespace = ${schemaOid(parameter('schema', 'text'))} and c.relname = any (array(
      select pg_catalog.json_array_elements_text(${parameter('tables', 'json')})::pg_catalog.name))
      and ${runsCodeWhenRead}`,
)

/**
 * Reads tracking tables whose owner may be anyone. In one message, before the server even plans the read:
 * whether it would run code of others (a view, a policy, a child table, a type of their own).
 *
 * @throws TidemarkError TM3008 when it would, TM3004 when row security hides rows.
 */
export async function executeGuarded<Row extends object>(
  connection: Connection,
  schema: string,
  read: { readonly tables: readonly TrackingTable[]; readonly statement: CompiledStatement },
): Promise<readonly Row[]> {
  const guard = checkTables(schema, { schema, tables: JSON.stringify(read.tables) })
  try {
    const message = [writeShared(connection, guard), inlineParameters(read.statement)].join(SEPARATOR)
    return (await connection.query<Row>(message)).rows
  } catch (error) {
    const [, found, table] = /\bTM (hidden|untrusted) (\w+)/.exec(guardMessage(error)) ?? []
    if (found === 'hidden' && table !== undefined) throw hiddenRows(schema, table)
    if (table === undefined) throw error
    throw untrustedObjects(schema, [`reading "${table}" would run code of other roles`], table)
  }
}

function guardMessage(error: unknown): string {
  return isServerError(error) && error.code === '22P02' ? error.message : ''
}
