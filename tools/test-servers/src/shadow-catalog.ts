import type { TestDatabase } from './test-database.ts'

/** What the server says when one of the objects of {@link shadowCatalog} was called. */
export const SHADOW = 'was found in public'

/**
 * Types whose values meet in statements of ours. Operators and functions of exactly these win over any
 * conversion.
 */
const TYPES =
  'text varchar name "char" bool int2 int4 int8 float4 float8 numeric oid xid uuid json jsonb timestamptz interval regclass regtype text[] name[] oid[] int2[]'

const OPERATORS = '= <> < > <= >= || + - * / -> ->> @> <@ ? & | << ~ !~ ~~ !~~'

/**
 * Puts something of the same name into `public` for nearly all that `pg_catalog` has: relations, types,
 * functions, aggregates, and operators for every pair of {@link TYPES} and of the enums that are there. Each
 * raises {@link SHADOW} when it is called. The database finds `public` first, so that a statement which names
 * anything without its schema does not get what it means.
 */
export async function shadowCatalog(database: {
  readonly name: string
  query(text: string): Promise<unknown>
}): Promise<void> {
  await database.query(`
    SET search_path = pg_catalog;
    CREATE FUNCTION public.tidemark_shadow(what text) RETURNS text LANGUAGE plpgsql AS
      $shadow$ BEGIN RAISE EXCEPTION '% ${SHADOW}', what; END $shadow$;
    CREATE TABLE public.tidemark_types AS SELECT unnest(string_to_array('${TYPES}', ' ')) AS name
      UNION ALL SELECT oid::regtype::text FROM pg_type WHERE typtype = 'e';
    ${attempt(FUNCTIONS)}
    ${attempt(POLYMORPHIC_FUNCTIONS)}
    ${attempt(VARIADIC_FUNCTIONS)}
    ${attempt(PAIR_FUNCTIONS)}
    ${attempt(PAIR_OPERATORS)}
    ${attempt(PAIR_AGGREGATES)}
    ${attempt(RELATIONS)}
    ${attempt(DOMAINS)}
    DROP TABLE public.tidemark_types;
    ALTER DATABASE ${database.name} SET search_path = public, pg_catalog`)
}

/**
 * Lists the operators and functions outside of `pg_catalog` that a statement names, also where it does not
 * come to call them: a function depends on what its body names.
 */
export async function listNamedInPublic(
  database: TestDatabase,
  statement: string,
): Promise<readonly string[]> {
  await database.query(
    `CREATE FUNCTION public.tidemark_asked() RETURNS void LANGUAGE sql BEGIN ATOMIC ${statement}; END`,
  )
  const named = await database.query<{ what: string }>(`SET search_path = pg_catalog;
    SELECT pg_describe_object(refclassid, refobjid, 0) AS what FROM pg_depend
    WHERE objid = 'public.tidemark_asked()'::regprocedure
      AND refclassid IN ('pg_operator'::regclass, 'pg_proc'::regclass)`)
  await database.query('DROP FUNCTION public.tidemark_asked()')
  return named.map(({ what }) => what)
}

/**
 * Runs the commands of a query. What PostgreSQL refuses, such as a function of pseudo-types, is passed over.
 */
function attempt(query: string): string {
  return `DO $attempt$ DECLARE command text; BEGIN
    FOR command IN ${query} LOOP
      BEGIN EXECUTE command; EXCEPTION WHEN OTHERS THEN NULL; END;
    END LOOP;
  END $attempt$;`
}

const RAISES = `LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.tidemark_shadow('%1$s'); END $f$`

const FUNCTIONS = `SELECT format($q$CREATE FUNCTION public.%1$I(%2$s) RETURNS %3$s ${RAISES} $q$, proname,
    pg_get_function_identity_arguments(oid), pg_get_function_result(oid))
  FROM pg_proc WHERE prokind = 'f' AND pronamespace = 'pg_catalog'::regnamespace`

const POLYMORPHIC_FUNCTIONS = `SELECT format($q$CREATE FUNCTION public.%1$I(%2$s) RETURNS %3$s ${RAISES} $q$, proname, t.name,
    CASE WHEN r.typtype = 'p' THEN t.name ELSE format_type(r.oid, NULL) END)
  FROM public.tidemark_types t, pg_proc p JOIN pg_type r ON r.oid = p.prorettype JOIN pg_type a ON a.oid = p.proargtypes[0]
  WHERE prokind = 'f' AND pronamespace = 'pg_catalog'::regnamespace AND pronargs = 1 AND a.typtype = 'p'`

const VARIADIC_FUNCTIONS = `SELECT format($q$CREATE FUNCTION public.%1$I(VARIADIC text[]) RETURNS %2$s ${RAISES} $q$, proname, format_type(prorettype, NULL))
  FROM pg_proc WHERE prokind = 'f' AND pronamespace = 'pg_catalog'::regnamespace AND provariadic = '"any"'::regtype`

/** Of each pair of types, with a truth, a text or a value of the left type as result. */
const PAIR_FUNCTIONS = `SELECT format($q$CREATE FUNCTION public.tidemark_%4$s(%2$s, %3$s) RETURNS %5$s LANGUAGE plpgsql AS
    $f$ BEGIN PERFORM public.tidemark_shadow('an operator or aggregate of %2$s and %3$s'); END $f$ $q$, '', l.name, r.name, kind, CASE kind WHEN 'left' THEN l.name ELSE kind END)
  FROM public.tidemark_types l, public.tidemark_types r, unnest(ARRAY['bool', 'text', 'left']) kind`

const PAIR_OPERATORS = `SELECT format('CREATE OPERATOR public.%1$s (LEFTARG = %2$s, RIGHTARG = %3$s, FUNCTION = public.tidemark_%4$s)', o.name, l.name, r.name,
    (SELECT CASE WHEN count(DISTINCT oprresult) > 1 THEN 'left' WHEN min(oprresult::regtype::text) = 'boolean' THEN 'bool' ELSE 'text' END
     FROM pg_operator WHERE oprname = o.name AND oprnamespace = 'pg_catalog'::regnamespace))
  FROM unnest(string_to_array('${OPERATORS}', ' ')) o(name), public.tidemark_types l, public.tidemark_types r`

const PAIR_AGGREGATES = `SELECT format('CREATE AGGREGATE public.%1$I(%2$s) (SFUNC = public.tidemark_left, STYPE = %3$s)', proname, t.name,
    CASE WHEN r.typtype = 'p' OR r.typcategory = 'A' THEN t.name ELSE format_type(r.oid, NULL) END)
  FROM public.tidemark_types t, pg_proc p JOIN pg_type r ON r.oid = p.prorettype
  WHERE prokind = 'a' AND pronamespace = 'pg_catalog'::regnamespace AND pronargs = 1
  UNION SELECT format('CREATE AGGREGATE public.%1$I(%2$s, text) (SFUNC = public.tidemark_join, STYPE = %2$s)', a, t.name)
  FROM public.tidemark_types t, unnest(ARRAY['string_agg', 'json_object_agg', 'jsonb_object_agg']) a
  UNION SELECT format('CREATE FUNCTION public.tidemark_join(%1$s, %1$s, text) RETURNS %1$s LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.tidemark_shadow(''join''); END $f$', name)
  FROM public.tidemark_types
  UNION SELECT 'CREATE FUNCTION public.tidemark_count(int8) RETURNS int8 LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.tidemark_shadow(''count''); END $f$'
  UNION SELECT 'CREATE AGGREGATE public.count(*) (SFUNC = public.tidemark_count, STYPE = int8)' ORDER BY 1 DESC`

const RELATIONS = `SELECT format('CREATE VIEW public.%1$I AS SELECT public.tidemark_shadow(%1$L)', relname)
  FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')`

const DOMAINS = `SELECT format('CREATE DOMAIN public.%1$s AS text CHECK (public.tidemark_shadow(%2$L) IS NULL)', name, name)
  FROM public.tidemark_types WHERE name !~ '[.[]'`
