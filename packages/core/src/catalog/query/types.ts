import { facets, isOwn, named, objects, type QueryPart } from './part.ts'

/** Types of their own: no array, no multirange of a range, no row type of a table. */
const TYPES = `FROM pg_type t JOIN namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE ${isOwn('pg_type', 't.oid')} AND t.typtype <> 'm' AND (c.oid IS NULL OR c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)`
const KIND = `CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type'
    WHEN 'c' THEN 'composite type' ELSE 'type' END`
const ID = "format('%I.%I', n.nspname, t.typname)"
const ofKind = (typtype: string) =>
  named('t', { kind: KIND, id: ID, from: `${TYPES} AND t.typtype IN (${typtype})` })

const optionalFunction = (column: string, word: string) => `'${word} ' || nullif(t.${column}, 0)::regproc`

/** Enums, domains, ranges, composite and base types. Attributes are with the columns. */
export function types(): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_type',
        oid: 't.oid',
        kind: KIND,
        id: ID,
        owner: 't.typowner',
        acl: { column: 't.typacl', letter: `'T'::"char"` },
        from: TYPES,
      }),
    ],
    facets: [
      facets(
        {
          labels: `coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
            FROM pg_enum e WHERE e.enumtypid = t.oid), 'none')`,
        },
        ofKind("'e'"),
      ),
      facets(
        {
          type: 'format_type(t.typbasetype, t.typtypmod)',
          collation: `CASE WHEN t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype)
            THEN t.typcollation::regcollation END`,
          'not null': "CASE WHEN t.typnotnull THEN 'yes' END",
          'not null constraint': `(SELECT quote_ident(k.conname) FROM pg_constraint k
            WHERE k.contypid = t.oid AND k.contype = 'n' AND k.conname <> t.typname || '_not_null')`,
          default: "coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), t.typdefault)",
        },
        ofKind("'d'"),
      ),
      facets(
        {
          subtype: 'format_type(g.rngsubtype, NULL)',
          collation: 'nullif(g.rngcollation, 0)::regcollation',
          'operator class': `(SELECT format('%I.%I', s.nspname, o.opcname) FROM pg_opclass o
            JOIN pg_namespace s ON s.oid = o.opcnamespace WHERE o.oid = g.rngsubopc)`,
          canonical: 'nullif(g.rngcanonical, 0)::regproc',
          'subtype difference': 'nullif(g.rngsubdiff, 0)::regproc',
          multirange: 'g.rngmultitypid::regtype',
        },
        `${ofKind("'r'")} JOIN pg_range g ON g.rngtypid = t.oid`,
      ),
      facets(
        {
          definition: `CASE WHEN NOT t.typisdefined THEN 'shell' ELSE concat_ws(E'\\n', 'length ' || t.typlen,
            CASE WHEN t.typbyval THEN 'by value' END, 'category ' || t.typcategory::text,
            CASE WHEN t.typispreferred THEN 'preferred' END, 'delimiter ' || t.typdelim::text,
            'element ' || format_type(nullif(t.typelem, 0), NULL), 'input ' || t.typinput, 'output ' || t.typoutput,
            ${optionalFunction('typreceive', 'receive')}, ${optionalFunction('typsend', 'send')},
            ${optionalFunction('typmodin', 'typmod in')}, ${optionalFunction('typmodout', 'typmod out')},
            ${optionalFunction('typanalyze', 'analyze')}, ${optionalFunction('typsubscript', 'subscript')},
            'alignment ' || t.typalign::text, 'storage ' || t.typstorage::text,
            'collation ' || nullif(t.typcollation, 0)::regcollation, 'default ' || t.typdefault) END`,
        },
        ofKind("'b', 'p'"),
      ),
    ],
  }
}
