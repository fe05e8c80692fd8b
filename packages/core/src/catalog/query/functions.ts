import { FIRST_OWN_OID, facets, isOwn, named, objects, type QueryPart } from './part.ts'

/** What a range type brings is internal to it. */
const FUNCTIONS = `FROM pg_proc p JOIN namespace n ON n.oid = p.pronamespace WHERE ${isOwn('pg_proc', 'p.oid')}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`
const KIND = "CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END"
/** Its id is without the names of its arguments: they may change. */
const ID = "format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes))"

const LANGUAGES = `FROM pg_language l WHERE l.lanispl AND ${isOwn('pg_language', 'l.oid')}`
/** A range brings a cast to its multirange. */
const CASTS = `FROM pg_cast c WHERE c.oid >= ${FIRST_OWN_OID} AND ${isOwn('pg_cast', 'c.oid')}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')`
const CAST_ID = "c.castsource::regtype || ' as ' || c.casttarget::regtype"
const TRANSFORMS = `FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE ${isOwn('pg_transform', 't.oid')}`
const TRANSFORM_ID = "t.trftype::regtype || ' language ' || quote_ident(l.lanname)"

/** Functions, procedures, aggregates, and what is made of them: languages, casts, transforms. */
export function functions(): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_proc',
        oid: 'p.oid',
        kind: KIND,
        id: ID,
        owner: 'p.proowner',
        acl: { column: 'p.proacl', letter: `'f'::"char"` },
        from: FUNCTIONS,
      }),
      objects({
        class: 'pg_language',
        oid: 'l.oid',
        kind: "'language'",
        id: 'quote_ident(l.lanname)',
        owner: 'l.lanowner',
        acl: { column: 'l.lanacl', letter: `'l'::"char"` },
        from: LANGUAGES,
      }),
      objects({ class: 'pg_cast', oid: 'c.oid', kind: "'cast'", id: CAST_ID, from: CASTS }),
      objects({
        class: 'pg_transform',
        oid: 't.oid',
        kind: "'transform'",
        id: TRANSFORM_ID,
        from: TRANSFORMS,
      }),
    ],
    facets: [
      facets(
        { definition: `CASE WHEN p.prokind = 'a' THEN ${AGGREGATE} ELSE pg_get_functiondef(p.oid) END` },
        `${named('p', { kind: KIND, id: ID, from: FUNCTIONS })} LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid`,
      ),
      facets(
        {
          trusted: "CASE WHEN l.lanpltrusted THEN 'yes' END",
          handler: 'nullif(l.lanplcallfoid, 0)::regproc',
          'inline handler': 'nullif(l.laninline, 0)::regproc',
          validator: 'nullif(l.lanvalidator, 0)::regproc',
        },
        named('l', { kind: "'language'", id: 'quote_ident(l.lanname)', from: LANGUAGES }),
      ),
      facets(
        {
          method:
            "CASE c.castmethod WHEN 'f' THEN c.castfunc::regprocedure::text WHEN 'i' THEN 'inout' ELSE 'binary' END",
          context:
            "CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END",
        },
        named('c', { kind: "'cast'", id: CAST_ID, from: CASTS }),
      ),
      facets(
        {
          'from sql': 'nullif(t.trffromsql, 0)::regprocedure',
          'to sql': 'nullif(t.trftosql, 0)::regprocedure',
        },
        named('t', { kind: "'transform'", id: TRANSFORM_ID, from: TRANSFORMS }),
      ),
    ],
  }
}

/** The server has no function that writes an aggregate's definition. Each part has its word: one may be empty. */
const AGGREGATE = `concat_ws(E'\\n', 'arguments ' || pg_get_function_arguments(p.oid), 'returns ' || pg_get_function_result(p.oid),
          CASE a.aggkind WHEN 'o' THEN 'ordered set' WHEN 'h' THEN 'hypothetical' END,
          'transition ' || a.aggtransfn, 'state ' || format_type(a.aggtranstype, NULL), 'space ' || nullif(a.aggtransspace, 0),
          'final ' || nullif(a.aggfinalfn, 0)::regproc, CASE WHEN a.aggfinalextra THEN 'final extra' END,
          'final modify ' || a.aggfinalmodify::text, 'combine ' || nullif(a.aggcombinefn, 0)::regproc,
          'serialize ' || nullif(a.aggserialfn, 0)::regproc, 'deserialize ' || nullif(a.aggdeserialfn, 0)::regproc,
          'initial ' || a.agginitval, 'sort operator ' || nullif(a.aggsortop, 0)::regoperator,
          'moving transition ' || nullif(a.aggmtransfn, 0)::regproc, 'moving inverse ' || nullif(a.aggminvtransfn, 0)::regproc,
          'moving state ' || format_type(nullif(a.aggmtranstype, 0), NULL), 'moving space ' || nullif(a.aggmtransspace, 0),
          'moving final ' || nullif(a.aggmfinalfn, 0)::regproc, CASE WHEN a.aggmfinalextra THEN 'moving final extra' END,
          'moving modify ' || a.aggmfinalmodify::text, 'moving initial ' || a.aggminitval,
          'parallel ' || p.proparallel::text)`
