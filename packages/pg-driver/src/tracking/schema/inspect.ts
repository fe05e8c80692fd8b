import { sql } from 'kysely'
import type { Connection } from '../../connection/connection.ts'
import { defineStatement } from '../../statement/compiled-statement.ts'
import { writeShared } from '../../statement/write-shared.ts'
import { oddities, TRUSTED_ROLES } from './oddities.ts'
import { schemaOid } from './schema-oid.ts'
import { tableComment } from './table-comment.ts'
import { TRACKING_TABLES } from './tracking-schema.ts'
import { isTrackingState, type TrackingState } from './tracking-state.ts'

/** Roles that Supabase's API keys become; no key may write the tables. */
export const API_ROLES = ['anon', 'authenticated', 'service_role'] as const

const selectState = defineStatement<{ readonly schema: string; readonly roles: string }>(({ parameter }) => {
  const schema = parameter('schema', 'text')
  const roles = sql`(select pg_catalog.json_array_elements_text(${parameter('roles', 'json')}))`
  const tables = sql`select pg_catalog.json_build_object(
      'name', c.relname, 'kind', c.relkind, 'owner', pg_catalog.pg_get_userbyid(c.relowner), 'comment', ${tableComment}, 'rowSecurity', c.relrowsecurity,
      'writable', pg_catalog.has_table_privilege(c.oid, 'INSERT') and pg_catalog.has_table_privilege(c.oid, 'UPDATE') and not pg_catalog.row_security_active(c.oid),
      'trusted', c.relowner in (select oid from trusted), 'owned', pg_catalog.pg_has_role(c.relowner, 'USAGE'), 'oddities', ${oddities},
      'columns', (select coalesce(pg_catalog.json_agg(a.attname order by a.attnum), '[]') from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      'indexes', (select coalesce(pg_catalog.json_agg(i.relname), '[]') from pg_catalog.pg_index x
        join pg_catalog.pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid),
      'readable', exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid and p.polcmd in ('r', '*') and p.polpermissive
        and p.polroles = '{0}' and pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'),
      'grants', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
          'role', case when g.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(g.grantee) end, 'privilege', g.privilege_type,
          'column', g.attname)), '[]')
        from (select e.grantee, e.privilege_type, null as attname from pg_catalog.aclexplode(c.relacl) e
          union all select e.grantee, e.privilege_type, a.attname from pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) e
            where a.attrelid = c.oid and not a.attisdropped) g where g.grantee <> c.relowner),
      'sequences', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', s.relname, 'roles', (
          select coalesce(pg_catalog.json_agg(case when g.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(g.grantee) end), '[]')
          from pg_catalog.aclexplode(s.relacl) g where g.grantee <> s.relowner))), '[]')
        from pg_catalog.pg_depend d join pg_catalog.pg_class s on s.oid = d.objid
        where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = c.oid and d.deptype = 'i' and s.relkind = 'S')) as state
    from pg_catalog.pg_class c
    where c.relnamespace = ${schemaOid(schema)} and c.relname in (${sql.join(TRACKING_TABLES.map((name) => sql.lit(name)))})`
  const types = sql`select pg_catalog.json_build_object('name', t.typname, 'kind', t.typtype,
      'owner', pg_catalog.pg_get_userbyid(t.typowner), 'trusted', t.typowner in (select oid from trusted),
      'labels', (select coalesce(pg_catalog.json_agg(e.enumlabel order by e.enumsortorder), '[]') from pg_catalog.pg_enum e where e.enumtypid = t.oid)) as state
    from pg_catalog.pg_type t
    where t.typnamespace = ${schemaOid(schema)} and t.typname in ('migration_type', 'migration_status')`
  const existing = sql`select r.rolname, r.oid from pg_catalog.pg_roles r where r.rolname in ${roles}`
  return sql`with recursive ${TRUSTED_ROLES} select pg_catalog.json_build_object(
    'readOnly', case when pg_catalog.pg_is_in_recovery() then 'replica' when pg_catalog.current_setting('transaction_read_only') = 'on' then 'setting' end,
    'hasEventTriggers', exists (select from pg_catalog.pg_event_trigger e where e.evtenabled <> 'D'),
    'schemaExists', exists (select from pg_catalog.pg_namespace where nspname = ${schema}),
    'schemaOwner', (select pg_catalog.json_build_object('owner', pg_catalog.pg_get_userbyid(n.nspowner), 'trusted', n.nspowner in (select oid from trusted))
      from pg_catalog.pg_namespace n where n.nspname = ${schema}),
    'tables', (select coalesce(pg_catalog.json_agg(state), '[]') from (${tables}) t),
    'types', (select coalesce(pg_catalog.json_agg(state), '[]') from (${types}) t),
    'roles', (select coalesce(pg_catalog.json_agg(rolname), '[]') from (${existing}) r),
    'shutOut', (select coalesce(pg_catalog.json_agg(r.rolname), '[]') from (${existing}) r, pg_catalog.pg_namespace n
      where n.nspname = ${schema} and not pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')))::pg_catalog.text as state`
})

/** Reads what is in the tracking schema, in one query over the catalog; `roles` are those to look for. */
export async function inspectTracking(
  connection: Connection,
  schema: string,
  roles: readonly string[],
): Promise<TrackingState> {
  const statement = selectState(schema, { schema, roles: JSON.stringify([...API_ROLES, ...roles]) })
  const { rows } = await connection.query<{ state: string }>(writeShared(connection, statement))
  const state: unknown = JSON.parse(rows[0]?.state ?? 'null')
  if (!isTrackingState(state)) throw new TypeError('the server returned nothing for the catalog query')
  return state
}

/** Lists the columns of a table of that name; none when there is no such table. */
export async function listColumns(
  connection: Connection,
  schema: string,
  table: string,
): Promise<readonly string[]> {
  const state = await inspectTracking(connection, schema, [])
  return state.tables.find(({ name }) => name === table)?.columns ?? []
}
