import { type RawBuilder, sql } from 'kysely'

/**
 * The oid of a schema as a value that the server finds once. Thousands of schemas may have a table of one name: by
 * this and the name a table is found in the index, while a join with `pg_namespace` looks at each of them.
 *
 * @example sql`select c.oid from pg_catalog.pg_class c where c.relnamespace = ${schemaOid(schema)} and c.relname = 't'`
 */
export function schemaOid(schema: string | RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select s.oid from pg_catalog.pg_namespace s where s.nspname = ${schema})`
}
