import { sql } from 'kysely'

/**
 * The comment of a `pg_class` row `c`. `obj_description` says the same and takes longer than the whole query: the
 * server plans its body in each.
 */
export const tableComment = sql<string | null>`(select d.description from pg_catalog.pg_description d
  where d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid = 0)`
