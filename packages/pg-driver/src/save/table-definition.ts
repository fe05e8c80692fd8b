import type { Connection } from '../connection/connection.ts'

/** What else a table is made with; made again only where it is missing. */
export interface Requirement {
  readonly kind: 'type' | 'function' | 'sequence'
  /** As `to_regtype`, `to_regprocedure` and `to_regclass` read it. */
  readonly name: string
  readonly sql: string
}

/** The SQL that makes a table anew, in the order of execution. */
export interface TableDefinition {
  readonly requires: readonly Requirement[]
  readonly create: readonly string[]
  /** Constraints, indexes, triggers, policies, privileges: after the rows. */
  readonly complete: readonly string[]
  /** What leads to other tables: after all tables. */
  readonly link: readonly string[]
}

/** A sequence and where it is. */
export interface SequenceState {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly value: string
  readonly called: boolean
}

/**
 * Reads the definition of a table, partition, materialized view or sequence. With own settings only: names
 * are written in full.
 */
export async function readDefinition(connection: Connection, oid: string): Promise<TableDefinition> {
  const list = async (text: string): Promise<readonly string[]> => {
    const { rows } = await connection.query<{ sql: string | null }>(text, [oid])
    return rows.flatMap(({ sql }) => (sql === null ? [] : [sql]))
  }
  const require = async (kind: Requirement['kind'], text: string): Promise<readonly Requirement[]> => {
    const { rows } = await connection.query<{ name: string; sql: string }>(text, [oid])
    return rows.map(({ name, sql }) => ({ kind, name, sql }))
  }
  return {
    requires: [
      ...(await require('type', TYPES)),
      ...(await require('function', FUNCTIONS)),
      ...(await require('sequence', SEQUENCES)),
    ],
    create: await list(CREATE),
    complete: [
      ...(await list(CONSTRAINTS)),
      ...(await list(INDEXES)),
      ...(await list(POLICIES)),
      ...(await list(TRIGGERS)),
      ...(await list(OWNED)),
      ...(await list(COMMENTS)),
      ...(await list(PRIVILEGES)),
    ],
    link: [...(await list(PARENTS)), ...(await list(FOREIGN_KEYS)), ...(await list(VIEW))],
  }
}

/** Reads the sequences that belong to a table, or the sequence itself. With own settings only. */
export async function readSequences(connection: Connection, oid: string): Promise<readonly SequenceState[]> {
  const { rows } = await connection.query<{ oid: string; schema: string; name: string; path: string }>(
    `SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.oid::regclass::text AS path ${FROM_SEQUENCES} ORDER BY c.oid`,
    [oid],
  )
  const states: SequenceState[] = []
  for (const { oid: sequence, schema, name, path } of rows) {
    const state = await connection.query<{ value: string; called: boolean }>(
      `SELECT last_value::text AS value, is_called AS called FROM ${path}`,
    )
    for (const { value, called } of state.rows) states.push({ oid: sequence, schema, name, value, called })
  }
  return states
}

/** A column of a saved table. */
export interface SavedColumn {
  readonly name: string
  readonly type: string
  /** COPY leaves it out: it is computed again. */
  readonly generated: boolean
}

/** Reads the columns of a table in their order. With own settings only. */
export async function readColumns(connection: Connection, oid: string): Promise<readonly SavedColumn[]> {
  const { rows } = await connection.query<SavedColumn>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attgenerated <> '' AS generated
     FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [oid],
  )
  return rows
}

const OF_USERS = (namespace: string, table: string, oid: string) =>
  `${namespace} NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${table}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`

const DEFAULT_OF = (alias: string) =>
  `(SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = ${alias}.attrelid AND d.adnum = ${alias}.attnum)`

const SEQUENCE_OPTIONS = `' START ' || s.seqstart || ' INCREMENT ' || s.seqincrement || ' MINVALUE ' || s.seqmin
    || ' MAXVALUE ' || s.seqmax || ' CACHE ' || s.seqcache || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END`

const IDENTITY = `(SELECT ' GENERATED ' || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END
      || ' AS IDENTITY (SEQUENCE NAME ' || s.seqrelid::regclass || ${SEQUENCE_OPTIONS} || ')'
    FROM pg_depend i JOIN pg_sequence s ON s.seqrelid = i.objid
    WHERE i.classid = 'pg_class'::regclass AND i.refclassid = 'pg_class'::regclass AND i.refobjid = a.attrelid
      AND i.refobjsubid = a.attnum AND i.deptype = 'i')`

const COLUMN = `quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
    || COALESCE((SELECT ' COLLATE ' || quote_ident(n.nspname) || '.' || quote_ident(o.collname)
      FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace JOIN pg_type t ON t.oid = a.atttypid
      WHERE o.oid = a.attcollation AND a.attcollation <> t.typcollation), '')
    || CASE WHEN a.attidentity <> '' THEN COALESCE(${IDENTITY}, '')
      WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || ${DEFAULT_OF('a')} || ')'
        || CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END
      ELSE COALESCE(' DEFAULT ' || ${DEFAULT_OF('a')}, '') END
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END`

const CREATE = `SELECT 'CREATE ' || CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END || 'TABLE ' || c.oid::regclass || ' ('
    || COALESCE((SELECT string_agg(${COLUMN}, ', ' ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
    || CASE c.relkind WHEN 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END
    || COALESCE(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') AS sql
  FROM pg_class c WHERE c.oid = $1::oid AND c.relkind IN ('r', 'p')`

const FROM_SEQUENCES = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND (c.oid = $1::oid OR c.oid IN (
    SELECT d.objid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = $1::oid AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid FROM pg_depend d JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
    WHERE f.adrelid = $1::oid AND d.refclassid = 'pg_class'::regclass))`

const SEQUENCES = `SELECT c.oid::regclass::text AS name, 'CREATE SEQUENCE ' || c.oid::regclass || ' AS ' || format_type(s.seqtypid, NULL)
    || ${SEQUENCE_OPTIONS} AS sql
  ${FROM_SEQUENCES.replace('JOIN pg_namespace', 'JOIN pg_sequence s ON s.seqrelid = c.oid JOIN pg_namespace')}
    AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = c.oid AND i.deptype = 'i')
  ORDER BY c.oid`

const TYPES = `WITH RECURSIVE used(oid, depth) AS (
    SELECT a.atttypid, 0 FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT x.oid, used.depth + 1 FROM used JOIN pg_type t ON t.oid = used.oid CROSS JOIN LATERAL (
      SELECT t.typelem WHERE t.typelem <> 0
      UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
      UNION ALL SELECT a.atttypid FROM pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS x(oid)
  )
  SELECT t.oid::regtype::text AS name, CASE t.typtype
      WHEN 'e' THEN 'CREATE TYPE ' || t.oid::regtype || ' AS ENUM (' || COALESCE((SELECT string_agg(quote_literal(e.enumlabel), ', '
        ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '') || ')'
      WHEN 'd' THEN 'CREATE DOMAIN ' || t.oid::regtype || ' AS ' || format_type(t.typbasetype, t.typtypmod)
        || COALESCE(' DEFAULT ' || t.typdefault, '') || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
        || COALESCE((SELECT string_agg(' CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), '')
          FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
      ELSE 'CREATE TYPE ' || t.oid::regtype || ' AS (' || COALESCE((SELECT string_agg(quote_ident(a.attname) || ' '
        || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')' END AS sql
  FROM used JOIN pg_type t ON t.oid = used.oid LEFT JOIN pg_class r ON r.oid = t.typrelid
  WHERE t.typtype IN ('e', 'd', 'c') AND COALESCE(r.relkind = 'c', true) AND ${OF_USERS('t.typnamespace', 'pg_type', 't.oid')}
  GROUP BY t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typdefault, t.typnotnull, t.typrelid
  ORDER BY max(used.depth) DESC`

const FUNCTIONS = `SELECT DISTINCT p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS sql
  FROM pg_depend d JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid AND p.prokind IN ('f', 'p', 'w')
  WHERE (d.classid, d.objid) IN (
      SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal
      UNION ALL SELECT 'pg_attrdef'::regclass, oid FROM pg_attrdef WHERE adrelid = $1::oid
      UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid = $1::oid
      UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy WHERE polrelid = $1::oid
      UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = $1::oid)
    AND ${OF_USERS('p.pronamespace', 'pg_proc', 'p.oid')}`

const CONSTRAINTS = `SELECT 'ALTER TABLE ' || k.conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' '
    || pg_get_constraintdef(k.oid) AS sql
  FROM pg_constraint k WHERE k.conrelid = $1::oid AND k.contype IN ('p', 'u', 'c', 'x') AND k.conparentid = 0
  ORDER BY k.contype DESC, k.conname`

const INDEXES = `SELECT replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS sql FROM pg_index i
  WHERE i.indrelid = $1::oid AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    AND EXISTS (SELECT FROM pg_class c WHERE c.oid = i.indrelid AND c.relkind <> 'm')
  ORDER BY i.indexrelid`

const POLICIES = `SELECT 'ALTER TABLE ' || c.oid::regclass || ' ENABLE ROW LEVEL SECURITY' AS sql
  FROM pg_class c WHERE c.oid = $1::oid AND c.relrowsecurity
  UNION ALL SELECT 'ALTER TABLE ' || c.oid::regclass || ' FORCE ROW LEVEL SECURITY'
  FROM pg_class c WHERE c.oid = $1::oid AND c.relforcerowsecurity
  UNION ALL SELECT 'CREATE POLICY ' || quote_ident(p.polname) || ' ON ' || p.polrelid::regclass
    || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
    || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END
    || ' TO ' || (SELECT string_agg(CASE r.oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.oid)) END, ', ') FROM unnest(p.polroles) AS r(oid))
    || COALESCE(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
    || COALESCE(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
  FROM pg_policy p WHERE p.polrelid = $1::oid`

const TRIGGERS = `SELECT CASE step WHEN 1 THEN pg_get_triggerdef(t.oid)
    ELSE 'ALTER TABLE ' || t.tgrelid::regclass || CASE t.tgenabled WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA' ELSE ' ENABLE ALWAYS' END
      || ' TRIGGER ' || quote_ident(t.tgname) END AS sql
  FROM pg_trigger t CROSS JOIN generate_series(1, 2) AS step
  WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND (step = 1 OR t.tgenabled <> 'O')
  ORDER BY t.tgname, step`

const OWNED = `SELECT 'ALTER SEQUENCE ' || d.objid::regclass || ' OWNED BY ' || d.refobjid::regclass || '.' || quote_ident(a.attname) AS sql
  FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.deptype = 'a'`

const COMMENTS = `SELECT 'COMMENT ON ' || CASE WHEN d.objsubid = 0 THEN 'TABLE ' || d.objoid::regclass
      ELSE 'COLUMN ' || d.objoid::regclass || '.' || quote_ident(a.attname) END || ' IS ' || quote_literal(d.description) AS sql
  FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND c.relkind IN ('r', 'p')
  LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
  WHERE d.classoid = 'pg_class'::regclass AND d.objoid = $1::oid`

/** The owner last: who is no member of it could not do what comes before. */
const PRIVILEGES = `SELECT 'GRANT ' || x.privilege_type || ' ON ' || CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass
    || ' TO ' || CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END
    || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS sql
  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) x WHERE c.oid = $1::oid AND c.relkind IN ('r', 'p', 'S') AND x.grantee <> c.relowner
  UNION ALL SELECT 'ALTER ' || CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass || ' OWNER TO ' || quote_ident(pg_get_userbyid(c.relowner))
  FROM pg_class c WHERE c.oid = $1::oid AND c.relkind IN ('r', 'p', 'S') AND c.relowner <> (SELECT oid FROM pg_roles WHERE rolname = session_user)
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))`

const PARENTS = `SELECT 'ALTER TABLE ' || CASE WHEN c.relispartition THEN h.inhparent::regclass || ' ATTACH PARTITION ' || c.oid::regclass || ' '
      || pg_get_expr(c.relpartbound, c.oid) ELSE c.oid::regclass || ' INHERIT ' || h.inhparent::regclass END AS sql
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE c.oid = $1::oid AND c.relkind IN ('r', 'p') ORDER BY h.inhseqno`

const FOREIGN_KEYS = `SELECT 'ALTER TABLE ' || k.conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' '
    || pg_get_constraintdef(k.oid) AS sql
  FROM pg_constraint k WHERE k.conrelid = $1::oid AND k.contype = 'f' AND k.conparentid = 0 ORDER BY k.conname`

const VIEW = `SELECT 'CREATE MATERIALIZED VIEW ' || c.oid::regclass || ' AS ' || rtrim(pg_get_viewdef(c.oid), ';') AS sql
  FROM pg_class c WHERE c.oid = $1::oid AND c.relkind = 'm'
  UNION ALL SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.oid = $1::oid AND c.relkind = 'm'`
