import { facets, objects, type QueryPart, type ServerVersionNum } from './part.ts'

const COLUMN_ID = "r.id || '.' || quote_ident(a.attname)"
const COLUMN_KIND = "CASE r.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END"
/** Sequences and indexes have columns of their own, which nobody writes. */
const COLUMNS = `relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')`

/**
 * Columns of relations, attributes of composite types, and their order. PGlite since 0.5.17 writes an option
 * `pg_attver` to each column, with another number at each change: it belongs to no schema.
 */
export function columns(version: ServerVersionNum): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_class',
        oid: 'r.oid',
        sub: 'a.attnum::int',
        kind: COLUMN_KIND,
        id: COLUMN_ID,
        acl: { column: 'a.attacl', letter: `'c'::"char"` },
        from: `FROM ${COLUMNS}`,
      }),
    ],
    facets: [
      `SELECT CASE r.relkind WHEN 'c' THEN 'composite type' ELSE r.kind END, r.id, 'column order',
    string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
  FROM ${COLUMNS} GROUP BY r.relkind, r.kind, r.id`,
      facets(
        {
          type: 'format_type(a.atttypid, a.atttypmod)',
          collation: 'CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END',
          'not null': `CASE WHEN a.attnotnull AND a.relkind IN ('r', 'p', 'f') THEN 'yes' END`,
          default: "CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END",
          generated: `CASE a.attgenerated WHEN 's' THEN 'stored ' WHEN 'v' THEN 'virtual ' END || pg_get_expr(d.adbin, d.adrelid)`,
          identity: "CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END",
          inherited: "CASE WHEN NOT a.attislocal THEN 'yes' END",
          storage: `CASE WHEN a.attstorage <> t.typstorage AND a.relkind NOT IN ('v', 'c') THEN
            CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END`,
          compression: "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END",
          'statistics target': 'CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END',
          options: `(SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(a.attoptions) o
            WHERE o NOT LIKE 'pg\\_attver=%')`,
          'foreign options': `(SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(a.attfdwoptions) o)`,
        },
        `(SELECT a.*, r.relkind, ${COLUMN_KIND} AS kind, ${COLUMN_ID} AS id FROM ${COLUMNS} OFFSET 0) a
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum`,
      ),
      ...(version >= 180_000 ? [notNullConstraints()] : []),
    ],
  }
}

/** PostgreSQL 18 keeps a constraint for NOT NULL; its usual name is what `pg_dump` leaves out. */
function notNullConstraints(): string {
  return facets(
    {
      'not null constraint': `nullif(concat_ws(', ',
        CASE WHEN k.conname <> k.relname || '_' || k.attname || '_not_null' THEN quote_ident(k.conname) END,
        CASE WHEN k.connoinherit THEN 'no inherit' END, CASE WHEN NOT k.convalidated THEN 'not valid' END,
        CASE WHEN NOT k.conislocal THEN 'inherited' END), '')`,
    },
    `(SELECT k.*, r.relname, a.attname, 'column' AS kind, ${COLUMN_ID} AS id FROM relation r
    JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype = 'n'
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.conkey[1] OFFSET 0) k`,
  )
}
