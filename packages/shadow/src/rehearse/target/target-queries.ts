/** Who reads, and what a session of this role starts with. Names are found in `pg_catalog` alone. */
export const READER = `SELECT current_user::text AS role, pg_is_in_recovery() AS "isStandby",
  (SELECT substr(s.setting, length('search_path=') + 1)
   FROM pg_db_role_setting d CROSS JOIN LATERAL unnest(d.setconfig) s(setting)
   WHERE s.setting LIKE 'search\\_path=%'
     AND (d.setrole = 0 OR d.setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user))
     AND (d.setdatabase = 0 OR d.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
   ORDER BY d.setrole <> 0 DESC, d.setdatabase <> 0 DESC LIMIT 1) AS "searchPath"`

/** Roles, without those that the server brings. */
export const ROLES = `SELECT r.rolname::text AS name, r.rolsuper AS "isSuperuser", r.rolbypassrls AS "bypassesRowSecurity",
  r.rolinherit AS inherits,
  ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS "memberOf"
  FROM pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY 1`

/** Extensions that can be created. */
export const EXTENSIONS = 'SELECT name::text AS name FROM pg_available_extensions'

/** Tables and materialized views with their sizes; for that of a table which somebody locks one would have to wait. */
export const RELATIONS = `SELECT schema, name, owner, indexes, bytes, "indexBytes",
    CASE WHEN rows > 0 THEN rows WHEN rows = 0 AND bytes = 0 THEN 0 END AS rows
  FROM (
    WITH busy AS MATERIALIZED (
      SELECT DISTINCT relation FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
    )
    SELECT n.nspname::text AS schema, c.relname::text AS name, pg_get_userbyid(c.relowner)::text AS owner,
      greatest(c.reltuples::float8, pg_stat_get_live_tuples(c.oid)::float8) AS rows,
      (CASE WHEN b.relation IS NULL THEN pg_table_size(c.oid) END)::float8 AS bytes,
      (CASE WHEN b.relation IS NULL AND NOT EXISTS (SELECT FROM pg_index i JOIN busy x ON x.relation = i.indexrelid
        WHERE i.indrelid = c.oid) THEN pg_indexes_size(c.oid) END)::float8 AS "indexBytes",
      (SELECT count(*)::int FROM pg_index i WHERE i.indrelid = c.oid) AS indexes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN busy b ON b.relation = c.oid
    WHERE c.relkind IN ('r', 'm', 'p', 'v', 'f') AND c.oid >= 16384 OFFSET 0
  ) sized`

const SESSION = `json_build_object('pid', l.pid, 'applicationName', nullif(a.application_name, ''), 'role', a.usename,
    'state', a.state, 'kind', a.backend_type,
    'seconds', round(extract(epoch FROM clock_timestamp() - a.xact_start))::float8)::text AS session`

/** Locks on relations that other sessions hold, the strongest mode of each on each. */
export const HELD = `SELECT n.nspname::text AS schema, c.relname::text AS name, l.mode, ${SESSION}
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'relation' AND l.granted AND l.relation >= 16384
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.pid IS DISTINCT FROM pg_backend_pid()
  ORDER BY 1, 2, a.xact_start LIMIT 10000`

/** Transactions that are open in this database, the oldest first. */
export const TRANSACTIONS = `SELECT ${SESSION} FROM pg_stat_activity a CROSS JOIN LATERAL (SELECT a.pid) l
  WHERE a.datname = current_database() AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
  ORDER BY a.xact_start LIMIT 20`

/** Where the view of `pg_stat_statements` is. */
export const RECORDER = `SELECT quote_ident(n.nspname) AS schema,
    coalesce(current_setting('pg_stat_statements.max', true), '') <> '' AS "isLoaded"
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`

/** How many statements are read, those that are called most. */
export const RECORDED_LIMIT = 2000

/** What the server has executed in this database. Other roles' texts may be hidden. */
export function recordedQuery(schema: string): string {
  return `SELECT CASE WHEN s.query = '<insufficient privilege>' THEN NULL ELSE s.query END AS text, pg_get_userbyid(s.userid)::text AS role
  FROM ${schema}.pg_stat_statements s WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  ORDER BY s.calls DESC LIMIT ${RECORDED_LIMIT}`
}
