import { OBJECT_COLUMNS, type QueryPart } from './part.ts'

const DEFAULTS = `SELECT 'pg_default_acl'::regclass::oid, d.oid, 0, 'default privileges'::text,
    concat_ws(' ', 'for ' || quote_ident(pg_get_userbyid(d.defaclrole)), 'in ' || quote_ident(n.nspname), 'on '
      || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
        WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END)::text,
    d.defaclrole, d.defaclacl,
    CASE WHEN d.defaclnamespace = 0
      THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE d.defaclobjtype END, d.defaclrole)
      ELSE acldefault('c'::"char", d.defaclrole) END
  FROM pg_default_acl d LEFT JOIN namespace n ON n.oid = d.defaclnamespace
  WHERE d.defaclnamespace = 0 OR n.oid IS NOT NULL`

/**
 * ALTER DEFAULT PRIVILEGES. Its rows have no owner of their own: the role is in their name, and what a schema
 * adds starts from nothing, which is how a column starts.
 */
export function defaultPrivileges(): QueryPart {
  return { objects: [DEFAULTS] }
}

/** Objects that are not ours, with privileges that are not those they were made with. */
function changed(options: {
  readonly class: string
  readonly row: string
  readonly kind: string
  readonly id: string
  readonly owner: string
  readonly acl: string
  readonly letter: string
  readonly sub?: string
  readonly from: string
}): string {
  const { row, owner, acl, letter, sub = '0' } = options
  return `SELECT i.classoid, ${row}.oid, ${sub}, 'privileges'::text, 'on ' || (${options.kind}) || ' ' || (${options.id}), ${owner},
    coalesce(${acl}, acldefault(${letter}, ${owner})), coalesce(i.initprivs, acldefault(${letter}, ${owner}))
  ${options.from}
  LEFT JOIN pg_init_privs i ON i.classoid = '${options.class}'::regclass AND i.objoid = ${row}.oid AND i.objsubid = ${sub}
  WHERE ${acl} IS DISTINCT FROM i.initprivs AND (
    EXISTS (SELECT FROM member m WHERE m.class = '${options.class}'::regclass AND m.oid = ${row}.oid) OR n.nspname = 'pg_catalog')`
}

const RELATION_KIND = `CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
      WHEN 'f' THEN 'foreign table' ELSE 'table' END`

/** What PostgreSQL or an extension made: only privileges that were changed afterwards are of interest. */
const FOREIGN_OBJECTS: readonly string[] = [
  changed({
    class: 'pg_class',
    row: 'c',
    kind: RELATION_KIND,
    id: "format('%I.%I', n.nspname, c.relname)",
    owner: 'c.relowner',
    acl: 'c.relacl',
    letter: `CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END`,
    from: "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')",
  }),
  changed({
    class: 'pg_class',
    row: 'c',
    sub: 'a.attnum',
    kind: "'column'",
    id: "format('%I.%I.%I', n.nspname, c.relname, a.attname)",
    owner: 'c.relowner',
    acl: 'a.attacl',
    letter: `'c'::"char"`,
    from: `FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND a.attacl IS NOT NULL AND NOT a.attisdropped
  JOIN pg_namespace n ON n.oid = c.relnamespace`,
  }),
  changed({
    class: 'pg_proc',
    row: 'p',
    kind: "CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END",
    id: "format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes))",
    owner: 'p.proowner',
    acl: 'p.proacl',
    letter: `'f'::"char"`,
    from: 'FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace',
  }),
  changed({
    class: 'pg_type',
    row: 't',
    kind: "'type'",
    id: "format('%I.%I', n.nspname, t.typname)",
    owner: 't.typowner',
    acl: 't.typacl',
    letter: `'T'::"char"`,
    from: 'FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND t.typacl IS NOT NULL',
  }),
  changed({
    class: 'pg_namespace',
    row: 'n',
    kind: "'schema'",
    id: 'quote_ident(n.nspname)',
    owner: 'n.nspowner',
    acl: 'n.nspacl',
    letter: `'n'::"char"`,
    from: 'FROM pg_namespace n',
  }),
  changed({
    class: 'pg_language',
    row: 'l',
    kind: "'language'",
    id: 'quote_ident(l.lanname)',
    owner: 'l.lanowner',
    acl: 'l.lanacl',
    letter: `'l'::"char"`,
    from: "FROM pg_language l JOIN pg_namespace n ON n.nspname = 'pg_catalog' AND l.lanispl",
  }),
  changed({
    class: 'pg_foreign_data_wrapper',
    row: 'w',
    kind: "'foreign-data wrapper'",
    id: 'quote_ident(w.fdwname)',
    owner: 'w.fdwowner',
    acl: 'w.fdwacl',
    letter: `'F'::"char"`,
    from: 'FROM pg_foreign_data_wrapper w LEFT JOIN pg_namespace n ON false',
  }),
]

/** The objects whose privileges are read: ours, and those of others that were changed. */
export const PRIVILEGED = `privileged(${OBJECT_COLUMNS}) AS (
  SELECT * FROM object WHERE acl IS NOT NULL
  UNION ALL
  SELECT * FROM (
${FOREIGN_OBJECTS.join('\nUNION ALL\n')}
  ) changed(${OBJECT_COLUMNS})
)`

const GRANTEE = `CASE g.grantee WHEN 0 THEN 'PUBLIC' WHEN o.owner THEN 'its owner' ELSE quote_ident(pg_get_userbyid(g.grantee)) END`

/**
 * Privileges that differ from those an object is made with, a facet for each role. Who granted them, where it
 * was not the owner, is a facet of its own.
 */
export function privileges(): QueryPart {
  return {
    facets: [
      `SELECT o.kind, o.id, 'privileges of ' || ${GRANTEE}, coalesce(g.now, 'none')
  FROM privileged o
  CROSS JOIN LATERAL (
    SELECT p.grantee,
      string_agg(p.now, ', ' ORDER BY p.privilege_type) AS now,
      string_agg(p.initial, ', ' ORDER BY p.privilege_type) AS initial
    FROM (
      SELECT x.grantee, x.privilege_type,
        CASE WHEN bool_or(x.is_now) THEN x.privilege_type
          || CASE WHEN bool_or(x.is_grantable AND x.is_now) THEN ' with grant option' ELSE '' END END AS now,
        CASE WHEN bool_or(NOT x.is_now) THEN x.privilege_type
          || CASE WHEN bool_or(x.is_grantable AND NOT x.is_now) THEN ' with grant option' ELSE '' END END AS initial
      FROM (
        SELECT true AS is_now, a.* FROM aclexplode(o.acl) a
        UNION ALL SELECT false, a.* FROM aclexplode(o.initial_acl) a
      ) x GROUP BY x.grantee, x.privilege_type
    ) p GROUP BY p.grantee
  ) g WHERE g.now IS DISTINCT FROM g.initial`,
      `SELECT o.kind, o.id, 'grantors', g.grantors
  FROM privileged o
  CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT ${GRANTEE} || ' by ' || quote_ident(pg_get_userbyid(g.grantor)), ', ') AS grantors
    FROM aclexplode(o.acl) g WHERE g.grantor <> o.owner
  ) g WHERE g.grantors IS NOT NULL`,
    ],
  }
}
