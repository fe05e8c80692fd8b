import type { Connection } from '@tidemark/pg-driver/engine'
import { z } from 'zod'

const Type = z.object({
  oid: z.string(),
  name: z.string(),
  /** `pg_type.typtype`: b base, c composite, d domain, e enum, m multirange, p pseudo, r range. */
  kind: z.string(),
  category: z.string(),
  base: z.string(),
  modifier: z.number(),
  element: z.string(),
  subtype: z.string().nullable(),
  labels: z.array(z.string()),
  attributes: z.number(),
  /** The definitions of the checks of a domain. */
  checks: z.array(z.string()),
})

const Column = z.object({
  name: z.string(),
  type: z.string(),
  modifier: z.number(),
  /** How the type is written. */
  written: z.string(),
  notNull: z.boolean(),
  hasDefault: z.boolean(),
  generated: z.boolean(),
})

const Constraint = z.object({
  name: z.string(),
  /** `pg_constraint.contype`, and `i` for a unique index that no constraint is behind. */
  kind: z.string(),
  /** Null stands for an expression. */
  columns: z.array(z.string().nullable()),
  definition: z.string(),
  parent: z.string().nullable(),
  parentColumns: z.array(z.string()),
})

const Table = z.object({
  oid: z.string(),
  schema: z.string(),
  /** With its schema, quoted. */
  name: z.string(),
  owner: z.string(),
  partitioned: z.boolean(),
  forcesRowSecurity: z.boolean(),
  columns: z.array(Column),
  constraints: z.array(Constraint),
  /** Columns and bounds that decide in which partition a row is. */
  partitionColumns: z.array(z.string()),
  bounds: z.array(z.string()),
})

const Found = Table.extend({ indexes: z.array(Constraint) }).transform(({ indexes, ...table }) => ({
  ...table,
  constraints: [...table.constraints, ...indexes],
}))

const Facts = z.object({ tables: z.array(Found).nullable(), types: z.array(Type).nullable() })

/** What must hold for the rows of a table, as the database knows it. */
export type TableFacts = z.infer<typeof Table>
/** A column of {@link TableFacts}. */
export type ColumnFacts = z.infer<typeof Column>
/** A constraint of {@link TableFacts}. */
export type ConstraintFacts = z.infer<typeof Constraint>
/** A type of a column, or one that such a type is made of. */
export type TypeFacts = z.infer<typeof Type>

/** Tables and their types, by oid. */
export interface Facts {
  readonly tables: readonly TableFacts[]
  readonly types: ReadonlyMap<string, TypeFacts>
}

/**
 * Reads what must hold for rows of some tables, of those that their foreign keys refer to, and so on. A partition
 * stands for the table that it is part of. Tables of extensions and of other sessions are left out.
 */
export async function readTableFacts(
  connection: Connection,
  oids: readonly string[] | 'all',
): Promise<Facts> {
  const { rows } = await connection.query<{ facts: string }>(factsQuery(oids))
  const { tables, types } = Facts.parse(JSON.parse(rows[0]?.facts ?? '{}'))
  return { tables: tables ?? [], types: new Map((types ?? []).map((type) => [type.oid, type])) }
}

function factsQuery(oids: readonly string[] | 'all'): string {
  const some = oids === 'all' ? 'true' : `c.oid IN (${['0', ...oids].join(', ')})`
  return `WITH RECURSIVE
  wanted (oid) AS (
    SELECT coalesce(pg_partition_root(c.oid)::oid, c.oid) FROM pg_catalog.pg_class c
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND ${some}
  UNION
    SELECT coalesce(pg_partition_root(k.confrelid)::oid, k.confrelid)
    FROM wanted w JOIN pg_catalog.pg_constraint k ON k.conrelid = w.oid AND k.contype = 'f'
  ),
  tables AS (
    SELECT c.*, n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid IN (SELECT oid FROM wanted) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ),
  types (oid) AS (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid IN (SELECT oid FROM tables) AND a.attnum > 0 AND NOT a.attisdropped
  UNION
    SELECT v.oid FROM types t JOIN pg_catalog.pg_type p ON p.oid = t.oid
    LEFT JOIN pg_catalog.pg_range r ON p.oid IN (r.rngtypid, r.rngmultitypid),
    LATERAL (VALUES (p.typbasetype), (p.typelem), (r.rngsubtype)) v (oid) WHERE v.oid <> 0
  ),
  parts AS (
    SELECT t.oid AS root, p.relid, p.isleaf FROM tables t, LATERAL pg_partition_tree(t.oid) p WHERE t.relkind = 'p'
  UNION
    SELECT oid, oid, true FROM tables WHERE relkind = 'r'
  )
SELECT json_build_object('tables', (SELECT json_agg(json_build_object(
    'oid', t.oid::text, 'schema', t.nspname, 'name', quote_ident(t.nspname) || '.' || quote_ident(t.relname),
    'owner', pg_get_userbyid(t.relowner), 'partitioned', t.relkind = 'p',
    'forcesRowSecurity', t.relrowsecurity AND t.relforcerowsecurity,
    'columns', (SELECT coalesce(json_agg(json_build_object(
        'name', a.attname, 'type', a.atttypid::text, 'modifier', a.atttypmod,
        'written', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
        'hasDefault', a.atthasdef OR a.attidentity <> '', 'generated', a.attgenerated <> '') ORDER BY a.attnum), '[]')
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'constraints', (SELECT coalesce(json_agg(json_build_object(
        'name', k.conname, 'kind', k.contype::text, 'definition', pg_get_constraintdef(k.oid),
        'columns', (SELECT coalesce(json_agg(a.attname ORDER BY u.place), '[]') FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
        'parent', CASE WHEN k.contype = 'f' THEN coalesce(pg_partition_root(k.confrelid)::oid, k.confrelid)::text END,
        'parentColumns', (SELECT coalesce(json_agg(a.attname ORDER BY u.place), '[]') FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number)) ORDER BY k.conname), '[]')
      FROM parts p JOIN pg_catalog.pg_constraint k ON k.conrelid = p.relid WHERE p.root = t.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x')
        AND (p.relid = t.oid OR NOT (k.contype = 'f' AND k.conparentid <> 0))),
    'indexes', (SELECT coalesce(json_agg(json_build_object(
        'name', i.relname, 'kind', 'i', 'definition', pg_get_indexdef(i.oid), 'parent', NULL, 'parentColumns', '[]'::json,
        'columns', (SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(x.indkey::int2[]) WITH ORDINALITY u (number, place)
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.number WHERE u.place <= x.indnkeyatts)) ORDER BY i.relname), '[]')
      FROM parts p JOIN pg_catalog.pg_index x ON x.indrelid = p.relid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      WHERE p.root = t.oid AND x.indisunique AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))),
    'partitionColumns', (SELECT coalesce(json_agg(DISTINCT a.attname), '[]') FROM parts p
      JOIN pg_catalog.pg_partitioned_table pt ON pt.partrelid = p.relid CROSS JOIN LATERAL unnest(pt.partattrs::int2[]) u (number)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = pt.partrelid AND (a.attnum = u.number OR u.number = 0 AND a.attnum > 0) WHERE p.root = t.oid),
    'bounds', (SELECT coalesce(json_agg(pg_get_expr(c.relpartbound, c.oid) ORDER BY c.relname), '[]')
      FROM parts p JOIN pg_catalog.pg_class c ON c.oid = p.relid WHERE p.root = t.oid AND c.relispartition)
  ) ORDER BY t.nspname, t.relname) FROM tables t),
  'types', (SELECT json_agg(json_build_object(
    'oid', p.oid::text, 'name', p.typname, 'kind', p.typtype::text, 'category', p.typcategory::text,
    'base', p.typbasetype::text, 'modifier', p.typtypmod, 'element', p.typelem::text,
    'subtype', (SELECT r.rngsubtype::text FROM pg_catalog.pg_range r WHERE p.oid IN (r.rngtypid, r.rngmultitypid)),
    'labels', (SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_catalog.pg_enum e WHERE e.enumtypid = p.oid),
    'attributes', (SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = p.typrelid AND p.typrelid <> 0 AND a.attnum > 0 AND NOT a.attisdropped),
    'checks', (SELECT coalesce(json_agg(pg_get_constraintdef(k.oid)), '[]') FROM pg_catalog.pg_constraint k WHERE k.contypid = p.oid)))
    FROM types t JOIN pg_catalog.pg_type p ON p.oid = t.oid))::text AS facts`
}
