import pg from 'pg'

/** What to leave out of a catalog: the tracking tables of a schema, with their types and policies. */
export interface CatalogOptions {
  /** Schema of Tidemark's own tables; default `public`. */
  readonly trackingSchema?: string
}

/** The tracking tables, and the sequence of one of them. */
const TRACKING_RELATIONS = [
  'schema_migrations',
  'migration_history',
  'migration_history_sequence_seq',
  'database_schema',
]
const TRACKING_TYPES = ['migration_type', 'migration_status']

/**
 * Describes every object of a database that is not PostgreSQL's own, one line each, sorted: schemas,
 * relations with columns, constraints, indexes, triggers, policies, rules, functions, types, sequences,
 * extensions, owners, privileges and comments. Two databases with equal lists have the same schema. Object
 * ids and the order of creation do not matter.
 */
export async function readCatalog(url: string, options: CatalogOptions = {}): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("SET search_path = ''")
    const { rows } = await client.query<{ line: string }>(CATALOG, [
      options.trackingSchema ?? 'public',
      TRACKING_RELATIONS,
      TRACKING_TYPES,
    ])
    return rows.map((row) => row.line).sort()
  } finally {
    await client.end()
  }
}

/** The rows of every table that is not Tidemark's, as text, sorted: equal lists mean equal data. */
export async function readData(url: string, options: CatalogOptions = {}): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(TABLES, [
      options.trackingSchema ?? 'public',
      TRACKING_RELATIONS,
    ])
    const lines: string[] = []
    for (const { name } of tables) {
      const { rows } = await client.query<{ line: string }>(`SELECT t::text AS line FROM ONLY ${name} t`)
      lines.push(...rows.map((row) => `${name} ${row.line}`))
    }
    return lines.sort()
  } finally {
    await client.end()
  }
}

const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT (n.nspname = $1 AND c.relname = ANY ($2))
  ORDER BY 1`

const CATALOG = `
  WITH space AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND (nspname <> $1 OR nspname = 'public')
  ), member AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
  ), relation AS (
    SELECT c.*, s.nspname FROM pg_catalog.pg_class c JOIN space s ON s.oid = c.relnamespace
    WHERE NOT (s.nspname = $1 AND c.relname = ANY ($2))
      AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        WHERE i.indexrelid = c.oid AND n.nspname = $1 AND t.relname = ANY ($2))
  ), kind AS (
    SELECT t.*, s.nspname FROM pg_catalog.pg_type t JOIN space s ON s.oid = t.typnamespace
    WHERE NOT (s.nspname = $1 AND t.typname = ANY ($3))
      AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
  )
  SELECT format('schema %I owner %s acl %s', nspname, pg_get_userbyid(nspowner), nspacl) AS line FROM space
  UNION ALL
  SELECT format('extension %s in %s', extname, extnamespace::regnamespace) FROM pg_catalog.pg_extension
  UNION ALL
  SELECT format('relation %I.%I kind %s persistence %s owner %s acl %s options %s rls %s %s replica %s partition %s bound %s key %s comment %s',
      r.nspname, r.relname, r.relkind, r.relpersistence, pg_get_userbyid(r.relowner), r.relacl, r.reloptions,
      r.relrowsecurity, r.relforcerowsecurity, r.relreplident, r.relispartition,
      pg_get_expr(r.relpartbound, r.oid),
      CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END, obj_description(r.oid, 'pg_class'))
  FROM relation r WHERE r.relkind NOT IN ('i', 'I', 't', 'c')
  UNION ALL
  SELECT format('inherits %s from %s', i.inhrelid::regclass, i.inhparent::regclass)
  FROM pg_catalog.pg_inherits i JOIN relation r ON r.oid = i.inhrelid
  UNION ALL
  SELECT format('column %I.%I.%I %s %s notnull %s default %s identity %s generated %s collation %s storage %s statistics %s acl %s options %s comment %s',
      r.nspname, r.relname, a.attname, row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum),
      format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
      a.attcollation::regcollation, a.attstorage, a.attstattarget, a.attacl, a.attoptions, col_description(r.oid, a.attnum))
  FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
  WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  UNION ALL
  SELECT format('view %I.%I %s', nspname, relname, pg_get_viewdef(oid)) FROM relation WHERE relkind IN ('v', 'm')
  UNION ALL
  SELECT format('index %s valid %s ready %s clustered %s replica %s comment %s', pg_get_indexdef(i.indexrelid), i.indisvalid,
      i.indisready, i.indisclustered, i.indisreplident, obj_description(i.indexrelid, 'pg_class'))
  FROM pg_catalog.pg_index i JOIN relation r ON r.oid = i.indexrelid WHERE r.relkind IN ('i', 'I')
  UNION ALL
  SELECT format('constraint %I on %s %s validated %s comment %s', c.conname,
      CASE WHEN c.conrelid <> 0 THEN c.conrelid::regclass::text ELSE c.contypid::regtype::text END,
      pg_get_constraintdef(c.oid), c.convalidated, obj_description(c.oid, 'pg_constraint'))
  FROM pg_catalog.pg_constraint c
  WHERE c.conrelid IN (SELECT oid FROM relation) OR c.contypid IN (SELECT oid FROM kind)
  UNION ALL
  SELECT format('trigger %s enabled %s comment %s', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
  FROM pg_catalog.pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT format('rule %s enabled %s', pg_get_ruledef(w.oid), w.ev_enabled)
  FROM pg_catalog.pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
  UNION ALL
  SELECT format('policy %I on %s %s for %s roles %s using %s check %s', p.polname, p.polrelid::regclass, p.polpermissive, p.polcmd,
      p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  FROM pg_catalog.pg_policy p JOIN relation r ON r.oid = p.polrelid
  UNION ALL
  SELECT format('statistics %s %s', e.stxname, pg_get_statisticsobjdef(e.oid))
  FROM pg_catalog.pg_statistic_ext e JOIN relation r ON r.oid = e.stxrelid
  UNION ALL
  SELECT format('sequence %I.%I %s start %s by %s min %s max %s cache %s cycle %s owned by %s', r.nspname, r.relname,
      format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle,
      (SELECT string_agg(d.refobjid::regclass || ' ' || a.attname, ',') FROM pg_catalog.pg_depend d
       JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')))
  FROM relation r JOIN pg_catalog.pg_sequence q ON q.seqrelid = r.oid
  UNION ALL
  SELECT format('function %s owner %s acl %s comment %s', CASE WHEN p.prokind = 'a' THEN p.oid::regprocedure::text
      ELSE pg_get_functiondef(p.oid) END, pg_get_userbyid(p.proowner), p.proacl, obj_description(p.oid, 'pg_proc'))
  FROM pg_catalog.pg_proc p JOIN space s ON s.oid = p.pronamespace
  WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  UNION ALL
  SELECT format('type %I.%I %s owner %s acl %s labels %s base %s notnull %s default %s comment %s', k.nspname, k.typname, k.typtype,
      pg_get_userbyid(k.typowner), k.typacl,
      (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = k.oid),
      CASE WHEN k.typtype = 'd' THEN format_type(k.typbasetype, k.typtypmod) END, k.typnotnull, k.typdefault,
      obj_description(k.oid, 'pg_type'))
  FROM kind k WHERE k.typtype IN ('e', 'd', 'r') OR (k.typtype = 'c' AND k.typrelid IN (SELECT oid FROM relation WHERE relkind = 'c'))
  UNION ALL
  SELECT format('default privileges %s %s %s %s', pg_get_userbyid(defaclrole),
      CASE WHEN defaclnamespace <> 0 THEN defaclnamespace::regnamespace END, defaclobjtype, defaclacl)
  FROM pg_catalog.pg_default_acl
  UNION ALL
  SELECT format('event trigger %s %s %s', evtname, evtevent, evtfoid::regproc) FROM pg_catalog.pg_event_trigger`
