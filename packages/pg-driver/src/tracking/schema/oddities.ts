import { type RawBuilder, sql } from 'kysely'
import { TRACKING_TABLES } from './tracking-schema.ts'

/**
 * Common table expressions for WITH RECURSIVE: `trusted(oid)` are the roles whose objects this session uses.
 * They are the role itself, those that it is a member of (a superuser is a member only where it was granted),
 * the owner of the database, and superusers:
 * https://www.postgresql.org/docs/current/catalog-pg-auth-members.html
 */
export const TRUSTED_ROLES = sql`own(oid) as (
    select r.oid from pg_catalog.pg_roles r where r.rolname in (current_user, session_user)
    union select m.roleid from pg_catalog.pg_auth_members m join own on m.member = own.oid
  ), trusted(oid) as (
    select oid from own
    union all select r.oid from pg_catalog.pg_roles r where r.rolsuper or r.rolname = 'pg_database_owner'
    union all select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())`

const OUR_TABLES = sql`(${sql.join(TRACKING_TABLES.map((name) => sql.lit(name)))})`

/**
 * Defaults that run nothing of anyone: constants, and the functions of `pg_catalog` that our columns and
 * older ones call.
 */
const PLAIN_DEFAULT =
  /^(?:(?:pg_catalog\.)?(?:now|gen_random_uuid)\(\)|CURRENT_TIMESTAMP|\(?-?[0-9.]+\)?|true|false|(?:NULL|'(?:[^']|'')*')::[^()]+(?:\([0-9]+\))?(?:\[\])?)$/

const listed = (kind: string, name: RawBuilder<unknown>, rest: RawBuilder<unknown>) =>
  sql`select ${sql.lit(kind)} || pg_catalog.quote_ident(${name}) ${rest}`

/**
 * Types of columns: those of `pg_catalog` and our two enums. Anything else may run code where it is read or
 * written.
 */
const foreignColumnType = sql`t.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace
  and not (t.typnamespace = c.relnamespace and t.typname in ('migration_type', 'migration_status'))`

const columnTypes = sql`from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`

const hasParentOrChildren = sql`exists (select from pg_catalog.pg_inherits i where c.oid in (i.inhparent, i.inhrelid))`

const isPlainPolicy = sql`coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'true') = 'true'
  and coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'`

/**
 * Tells, of a `pg_class` row `c`, whether it only reads to whom it belongs: no view, no child, no type or
 * policy that runs code.
 */
export const runsCodeWhenRead = sql<boolean>`(c.relkind <> 'r' or ${hasParentOrChildren}
  or exists (select ${columnTypes} and ${foreignColumnType})
  or exists (select ${columnTypes} and a.attgenerated = 'v')
  or pg_catalog.row_security_active(c.oid) and exists (
    select from pg_catalog.pg_policy p where p.polrelid = c.oid and not (${isPlainPolicy})))`

/** Of a `pg_class` row `c`: all that is on the table and that we do not make, in words, as a JSON array. */
export const oddities = sql`(select coalesce(pg_catalog.json_agg(what order by what), '[]') from (
    ${listed('trigger ', sql`g.tgname`, sql`from pg_catalog.pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal`)}
    union all ${listed('rule ', sql`w.rulename`, sql`from pg_catalog.pg_rewrite w where w.ev_class = c.oid and c.relkind = 'r'`)}
    union all ${listed('policy ', sql`p.polname`, sql`from pg_catalog.pg_policy p where p.polrelid = c.oid and not (${isPlainPolicy})`)}
    union all ${listed(
      'inheritance with ',
      sql`o.relname`,
      sql`from pg_catalog.pg_inherits i join pg_catalog.pg_class o
      on o.oid = case when i.inhparent = c.oid then i.inhrelid else i.inhparent end where c.oid in (i.inhparent, i.inhrelid)`,
    )}
    union all ${listed(
      'constraint ',
      sql`k.conname`,
      sql`from pg_catalog.pg_constraint k where k.conrelid = c.oid and (k.contype in ('c', 'x')
      or k.contype = 'f' and not exists (select from pg_catalog.pg_class f where f.oid = k.confrelid and f.relnamespace = c.relnamespace and f.relname in ${OUR_TABLES}))`,
    )}
    union all ${listed(
      'index with a function, ',
      sql`i.relname`,
      sql`from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid
      where x.indrelid = c.oid and exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = i.oid and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass)`,
    )}
    union all ${listed(
      'generated column ',
      sql`a.attname`,
      sql`${columnTypes} and (a.attgenerated <> ''
      or a.attidentity <> '' and not (c.relname = 'migration_history' and a.attname = 'sequence'))`,
    )}
    union all ${listed('foreign type of column ', sql`a.attname`, sql`${columnTypes} and ${foreignColumnType}`)}
    union all ${listed(
      'default of column ',
      sql`a.attname`,
      sql`from pg_catalog.pg_attrdef d
      join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
      where d.adrelid = c.oid and a.attgenerated = '' and (pg_catalog.pg_get_expr(d.adbin, d.adrelid) !~ ${sql.lit(PLAIN_DEFAULT.source)}
        or (select true from pg_catalog.pg_depend e
          where e.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and e.objid = d.oid and e.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass limit 1))`,
    )}
  ) odd(what))`
