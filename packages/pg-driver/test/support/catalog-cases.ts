/** A change of a schema, and the sentences that the catalog has for it. */
export interface CatalogCase {
  readonly name: string
  /** What is there before. */
  readonly setup?: string
  readonly change: string
  /** Exactly these; none where the change is no change of the schema. */
  readonly says: readonly string[]
  /** The oldest major with it. Default 14. */
  readonly since?: number
  readonly needs?: 'subscriptions'
}

const T = 'CREATE TABLE t (a int, b text);'
const ROLES = 'CREATE ROLE cat_reader; CREATE ROLE cat_owner; GRANT cat_owner, cat_reader TO CURRENT_USER;'
const PARTS =
  'CREATE TABLE p (a int, b text) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);'
const F = 'CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS $$SELECT 1$$;'
const TRIGGER = `${T} CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
  CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();`
const FDW = `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'a', password 'p1');
  CREATE FOREIGN TABLE ft (a int OPTIONS (k 'v')) SERVER s OPTIONS (path '/a');
  CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'p1');`

const tables: readonly CatalogCase[] = [
  { name: 'a table without columns', change: 'CREATE TABLE t ()', says: ['table public.t was added'] },
  {
    name: 'an owner',
    setup: `${T}${ROLES} ALTER TABLE t OWNER TO cat_reader;`,
    change: 'ALTER TABLE t OWNER TO cat_owner',
    says: ['table public.t: owner is "cat_owner" instead of "cat_reader"'],
  },
  {
    name: 'options that are reset',
    setup: 'CREATE TABLE t (a int) WITH (fillfactor = 70, autovacuum_enabled = false);',
    change: 'ALTER TABLE t RESET (fillfactor)',
    says: [
      'table public.t: options are "autovacuum_enabled=false" instead of "autovacuum_enabled=false, fillfactor=70"',
    ],
  },
  {
    name: 'options of the TOAST table',
    setup: T,
    change: 'ALTER TABLE t SET (toast.autovacuum_enabled = false)',
    says: ['table public.t: toast options are "autovacuum_enabled=false" instead of none'],
  },
  {
    name: 'an unlogged table',
    setup: T,
    change: 'ALTER TABLE t SET UNLOGGED',
    says: ['table public.t: persistence is "unlogged" instead of permanent'],
  },
  {
    name: 'replica identity full',
    setup: T,
    change: 'ALTER TABLE t REPLICA IDENTITY FULL',
    says: ['table public.t: replica identity is "full" instead of the usual one'],
  },
  {
    name: 'replica identity by an index',
    setup: `${T} ALTER TABLE t ALTER a SET NOT NULL; CREATE UNIQUE INDEX i ON t (a);`,
    change: 'ALTER TABLE t REPLICA IDENTITY USING INDEX i',
    says: [
      'index public.i: replica identity is yes instead of the usual one',
      'table public.t: replica identity is "an index" instead of the usual one',
    ],
  },
  {
    name: 'the index that a table is clustered on',
    setup: `${T} CREATE INDEX i ON t (a);`,
    change: 'ALTER TABLE t CLUSTER ON i',
    says: ['index public.i: clustered is yes instead of no'],
  },
  {
    name: 'row security',
    setup: T,
    change: 'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
    says: ['table public.t: row security is "enabled" instead of disabled'],
  },
  {
    name: 'forced row security',
    setup: `${T} ALTER TABLE t ENABLE ROW LEVEL SECURITY;`,
    change: 'ALTER TABLE t FORCE ROW LEVEL SECURITY',
    says: ['table public.t: row security is "enabled, forced" instead of "enabled"'],
  },
  {
    name: 'a parent',
    setup: `${T} CREATE TABLE c (a int, b text);`,
    change: 'ALTER TABLE c INHERIT t',
    says: ['table public.c: inherits is "public.t" instead of none'],
  },
  {
    name: 'a typed table',
    setup: 'CREATE TYPE ty AS (a int); CREATE TABLE t (a int);',
    change: 'ALTER TABLE t OF ty',
    says: ['table public.t: of type is "public.ty" instead of none'],
  },
  {
    name: 'a dropped table with its parts',
    setup: `CREATE TABLE t (a serial PRIMARY KEY, b text CHECK (b <> '')); CREATE INDEX ON t (b);`,
    change: 'DROP TABLE t',
    says: ['table public.t is missing'],
  },
  { name: 'a temporary table', change: 'CREATE TEMPORARY TABLE t (a int)', says: [] },
]
const columns: readonly CatalogCase[] = [
  { name: 'a column', setup: T, change: 'ALTER TABLE t ADD c int', says: ['column public.t.c was added'] },
  {
    name: 'the order of columns',
    setup: T,
    change: 'ALTER TABLE t DROP a; ALTER TABLE t ADD a int',
    says: ['table public.t: the columns are in another order'],
  },
  {
    name: 'a type',
    setup: T,
    change: 'ALTER TABLE t ALTER b TYPE varchar(20)',
    says: ['column public.t.b: type is "character varying(20)" instead of "text"'],
  },
  {
    name: 'a type modifier',
    setup: 'CREATE TABLE t (a numeric(4, 1));',
    change: 'ALTER TABLE t ALTER a TYPE numeric(4, 2)',
    says: ['column public.t.a: type is "numeric(4,2)" instead of "numeric(4,1)"'],
  },
  {
    name: 'a default',
    setup: T,
    change: `ALTER TABLE t ALTER b SET DEFAULT 'x'`,
    says: ['column public.t.b: default is "\'x\'::text" instead of none'],
  },
  {
    name: 'a default that depends on the time zone of the reader',
    setup: `CREATE TABLE t (a timestamptz DEFAULT '2020-01-01 00:00:00+00');`,
    change: `SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL datestyle = 'German'; SET LOCAL extra_float_digits = 0; SET LOCAL quote_all_identifiers = on; SET LOCAL bytea_output = 'escape'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL search_path = public`,
    says: [],
  },
  {
    name: 'NOT NULL',
    setup: T,
    change: 'ALTER TABLE t ALTER a SET NOT NULL',
    says: ['column public.t.a: not null is yes instead of no'],
  },
  {
    name: 'a name for NOT NULL',
    setup: T,
    change: 'ALTER TABLE t ADD CONSTRAINT a_is_there NOT NULL a',
    says: [
      'column public.t.a: not null is yes instead of no',
      'column public.t.a: not null constraint is "a_is_there" instead of none',
    ],
    since: 18,
  },
  {
    name: 'NOT NULL that is not valid',
    setup: T,
    change: 'ALTER TABLE t ADD CONSTRAINT t_a_not_null NOT NULL a NOT VALID',
    says: [
      'column public.t.a: not null is yes instead of no',
      'column public.t.a: not null constraint is "not valid" instead of none',
    ],
    since: 18,
  },
  {
    name: 'NOT NULL NO INHERIT',
    setup: T,
    change: 'ALTER TABLE t ADD CONSTRAINT t_a_not_null NOT NULL a NO INHERIT',
    says: [
      'column public.t.a: not null is yes instead of no',
      'column public.t.a: not null constraint is "no inherit" instead of none',
    ],
    since: 18,
  },
  {
    name: 'identity',
    setup: 'CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);',
    change: 'ALTER TABLE t ALTER a SET GENERATED BY DEFAULT',
    says: ['column public.t.a: identity is "by default" instead of "always"'],
  },
  {
    name: 'a dropped identity',
    setup: 'CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);',
    change: 'ALTER TABLE t ALTER a DROP IDENTITY',
    says: ['column public.t.a: identity is none instead of "always"', 'sequence public.t_a_seq is missing'],
  },
  {
    name: 'identity of a partitioned table',
    setup:
      'CREATE TABLE p (a int NOT NULL) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);',
    change: 'ALTER TABLE p ALTER a ADD GENERATED ALWAYS AS IDENTITY',
    says: [
      'column public.p.a: identity is "always" instead of none',
      'column public.p1.a: identity is "always" instead of none',
      'sequence public.p_a_seq was added',
    ],
    since: 17,
  },
  {
    name: 'a generated column that is no longer',
    setup: 'CREATE TABLE t (a int, c int GENERATED ALWAYS AS (a + 1) STORED);',
    change: 'ALTER TABLE t ALTER c DROP EXPRESSION',
    says: ['column public.t.c: generated is none instead of "stored (a + 1)"'],
  },
  {
    name: 'a virtual column',
    setup: 'CREATE TABLE t (a int);',
    change: 'ALTER TABLE t ADD c int GENERATED ALWAYS AS (a + 1) VIRTUAL',
    says: ['column public.t.c was added'],
    since: 18,
  },
  {
    name: 'storage',
    setup: T,
    change: 'ALTER TABLE t ALTER b SET STORAGE EXTERNAL',
    says: ['column public.t.b: storage is "external" instead of none'],
  },
  {
    name: 'compression',
    setup: T,
    change: 'ALTER TABLE t ALTER b SET COMPRESSION pglz',
    says: ['column public.t.b: compression is "pglz" instead of none'],
  },
  {
    name: 'a statistics target',
    setup: T,
    change: 'ALTER TABLE t ALTER b SET STATISTICS 500',
    says: ['column public.t.b: statistics target is "500" instead of none'],
  },
  {
    name: 'a statistics target of 0',
    setup: T,
    change: 'ALTER TABLE t ALTER b SET STATISTICS 0',
    says: ['column public.t.b: statistics target is "0" instead of none'],
  },
  {
    name: 'options of a column that are reset',
    setup: `${T} ALTER TABLE t ALTER a SET (n_distinct = 5, n_distinct_inherited = 3);`,
    change: 'ALTER TABLE t ALTER a RESET (n_distinct)',
    says: [
      'column public.t.a: options are "n_distinct_inherited=3" instead of "n_distinct=5, n_distinct_inherited=3"',
    ],
  },
  {
    name: 'a collation',
    setup: T,
    change: 'ALTER TABLE t ALTER b TYPE text COLLATE "C"',
    says: ['column public.t.b: collation is ""C"" instead of none'],
  },
  {
    name: 'a comment',
    setup: T,
    change: "COMMENT ON COLUMN t.a IS 'it''s'",
    says: ['column public.t.a: comment is "it\'s" instead of none'],
  },
  {
    name: 'a comment that is taken away',
    setup: `${T} COMMENT ON COLUMN t.a IS 'x';`,
    change: "COMMENT ON COLUMN t.a IS ''",
    says: ['column public.t.a: comment is none instead of "x"'],
  },
  {
    name: 'a comment that differs after 63 characters',
    setup: `${T} COMMENT ON COLUMN t.a IS '${'x'.repeat(80)}a';`,
    change: `COMMENT ON COLUMN t.a IS '${'x'.repeat(80)}b'`,
    says: [
      'column public.t.a: comment is "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxb" instead of "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxa"',
    ],
  },
  {
    name: 'a privilege on a column',
    setup: `${T}${ROLES}`,
    change: 'GRANT SELECT (a), UPDATE (a) ON t TO cat_reader',
    says: ['column public.t.a: privileges of cat_reader are "SELECT, UPDATE" instead of none'],
  },
  {
    name: 'a column with a name of every kind of character',
    setup: 'CREATE TABLE "A.b c" ("d.""e f" int);',
    change: 'ALTER TABLE "A.b c" ALTER "d.""e f" TYPE bigint',
    says: ['column public."A.b c"."d.""e f": type is "bigint" instead of "integer"'],
  },
]
const constraints: readonly CatalogCase[] = [
  {
    name: 'a primary key',
    setup: 'CREATE TABLE t (a int NOT NULL);',
    change: 'ALTER TABLE t ADD PRIMARY KEY (a)',
    says: ['constraint public.t t_pkey was added'],
  },
  {
    name: 'a dropped unique constraint',
    setup: `${T} ALTER TABLE t ADD UNIQUE (a);`,
    change: 'ALTER TABLE t DROP CONSTRAINT t_a_key',
    says: ['constraint public.t t_a_key is missing'],
  },
  {
    name: 'NOT VALID',
    setup: `${T} ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;`,
    change: 'ALTER TABLE t VALIDATE CONSTRAINT c',
    says: ['constraint public.t c: definition is "CHECK ((a > 0))" instead of "CHECK ((a > 0)) NOT VALID"'],
  },
  {
    name: 'NO INHERIT',
    setup: `${T} ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);`,
    change: 'ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 0) NO INHERIT',
    says: ['constraint public.t c: definition is "CHECK ((a > 0)) NO INHERIT" instead of "CHECK ((a > 0))"'],
  },
  {
    name: 'DEFERRABLE',
    setup: `CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t);`,
    change: 'ALTER TABLE t ALTER CONSTRAINT t_b_fkey DEFERRABLE INITIALLY DEFERRED',
    says: [
      'constraint public.t t_b_fkey: definition is "FOREIGN KEY (b) REFERENCES public.t(a) DEFERRABLE INITIALLY DEFERRED" instead of "FOREIGN KEY (b) REFERENCES public.t(a)"',
    ],
  },
  {
    name: 'NOT ENFORCED',
    setup: `CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t);`,
    change: 'ALTER TABLE t ALTER CONSTRAINT t_b_fkey NOT ENFORCED',
    says: [
      'constraint public.t t_b_fkey: definition is "FOREIGN KEY (b) REFERENCES public.t(a) NOT ENFORCED" instead of "FOREIGN KEY (b) REFERENCES public.t(a)"',
    ],
    since: 18,
  },
  {
    name: 'an inherited constraint',
    setup: `${T} CREATE TABLE c () INHERITS (t);`,
    change: 'ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)',
    says: ['constraint public.c k was added', 'constraint public.t k was added'],
  },
  {
    name: 'a constraint that becomes only inherited',
    setup: `${T} CREATE TABLE c (CONSTRAINT k CHECK (a > 0)) INHERITS (t); ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0);`,
    change:
      'ALTER TABLE c NO INHERIT t; ALTER TABLE c DROP CONSTRAINT k; ALTER TABLE t DROP CONSTRAINT k; ALTER TABLE c INHERIT t; ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)',
    says: [
      'column public.c.a: inherited is no instead of yes',
      'column public.c.b: inherited is no instead of yes',
      'constraint public.c k: inherited is yes instead of no',
    ],
  },
  {
    name: 'disabled triggers of a foreign key',
    setup: 'CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t);',
    change: 'ALTER TABLE t DISABLE TRIGGER ALL',
    says: ['constraint public.t t_b_fkey: foreign key triggers are "disabled" instead of enabled'],
  },
  {
    name: 'a foreign key of a partitioned table',
    setup: `${PARTS} CREATE TABLE r (a int PRIMARY KEY);`,
    change: 'ALTER TABLE p ADD FOREIGN KEY (a) REFERENCES r',
    says: ['constraint public.p p_a_fkey was added'],
  },
  {
    name: 'NULLS NOT DISTINCT',
    setup: `${T} ALTER TABLE t ADD CONSTRAINT k UNIQUE (a);`,
    change: 'ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k UNIQUE NULLS NOT DISTINCT (a)',
    says: [
      'constraint public.t k: definition is "UNIQUE NULLS NOT DISTINCT (a)" instead of "UNIQUE (a)"',
      'index public.k: definition is "CREATE UNIQUE INDEX k ON public.t USING btree (a) NULLS NOT DISTINCT" instead of "CREATE UNIQUE INDEX k ON public.t USING btree (a)"',
    ],
    since: 15,
  },
  {
    name: 'an exclusion constraint',
    setup: 'CREATE TABLE t (r int4range);',
    change: 'ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (r WITH &&)',
    says: ['constraint public.t x was added'],
  },
  {
    name: 'a comment on a constraint',
    setup: `${T} ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);`,
    change: "COMMENT ON CONSTRAINT c ON t IS 'why'",
    says: ['constraint public.t c: comment is "why" instead of none'],
  },
  {
    name: 'a constraint of a domain',
    setup: 'CREATE DOMAIN d AS int;',
    change: 'ALTER DOMAIN d ADD CONSTRAINT pos CHECK (VALUE > 0) NOT VALID',
    says: ['domain constraint public.d pos was added'],
  },
]
const indexes: readonly CatalogCase[] = [
  {
    name: 'an index',
    setup: T,
    change: 'CREATE INDEX i ON t (a) WHERE b IS NULL',
    says: ['index public.i was added'],
  },
  {
    name: 'an index that is not valid',
    setup: `${T} CREATE INDEX i ON t (a);`,
    change: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.i'::regclass",
    says: ['index public.i: validity is "invalid" instead of valid'],
  },
  {
    name: 'an index of a partitioned table',
    setup: PARTS,
    change: 'CREATE INDEX i ON p (a)',
    says: ['index public.i was added'],
  },
  {
    name: 'indexes that are attached one by one',
    setup: `${PARTS} CREATE INDEX i ON ONLY p (a); CREATE INDEX i1 ON p1 (a);`,
    change: 'ALTER INDEX i ATTACH PARTITION i1',
    says: [
      'index public.i: validity is valid instead of "invalid"',
      'index public.i1: attached to is "public.i" instead of none',
    ],
  },
  {
    name: 'a statistics target of an index',
    setup: `${T} CREATE INDEX i ON t ((a + 1));`,
    change: 'ALTER INDEX i ALTER 1 SET STATISTICS 300',
    says: ['index public.i: statistics targets are "1: 300" instead of none'],
  },
  {
    name: 'options of an index',
    setup: `${T} CREATE INDEX i ON t (a) WITH (fillfactor = 70);`,
    change: 'ALTER INDEX i RESET (fillfactor)',
    says: [
      'index public.i: definition is "CREATE INDEX i ON public.t USING btree (a)" instead of "CREATE INDEX i ON public.t USING btree (a) WITH (fillfactor=\'70\')"',
      'index public.i: options are none instead of "fillfactor=70"',
    ],
  },
  {
    name: 'a comment on the index of a constraint',
    setup: `${T} ALTER TABLE t ADD UNIQUE (a);`,
    change: "COMMENT ON INDEX t_a_key IS 'x'",
    says: ['index public.t_a_key: comment is "x" instead of none'],
  },
]
const parts: readonly CatalogCase[] = [
  {
    name: 'a disabled trigger',
    setup: TRIGGER,
    change: 'ALTER TABLE t DISABLE TRIGGER tg',
    says: ['trigger public.t tg: state is "disabled" instead of enabled'],
  },
  {
    name: 'a trigger that fires always',
    setup: TRIGGER,
    change: 'ALTER TABLE t ENABLE ALWAYS TRIGGER tg',
    says: ['trigger public.t tg: state is "always" instead of enabled'],
  },
  {
    name: 'a trigger that is disabled in one partition',
    setup: `${PARTS} CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; CREATE TRIGGER tg AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION tf();`,
    change: 'ALTER TABLE p1 DISABLE TRIGGER tg',
    says: ['trigger public.p1 tg: state is "disabled" instead of enabled'],
  },
  {
    name: 'a rule',
    setup: T,
    change: 'CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING',
    says: ['rule public.t r was added'],
  },
  {
    name: 'a disabled rule',
    setup: `${T} CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;`,
    change: 'ALTER TABLE t DISABLE RULE r',
    says: ['rule public.t r: state is "disabled" instead of enabled'],
  },
  {
    name: 'a policy',
    setup: T,
    change: 'CREATE POLICY p ON t AS RESTRICTIVE FOR SELECT TO PUBLIC USING (a > 0)',
    says: ['policy public.t p was added'],
  },
  {
    name: 'the roles and the condition of a policy',
    setup: `${T}${ROLES} CREATE POLICY p ON t USING (a > 0);`,
    change: 'ALTER POLICY p ON t TO cat_reader, cat_owner USING (a > 1) WITH CHECK (true)',
    says: [
      'policy public.t p: roles are "cat_owner, cat_reader" instead of "PUBLIC"',
      'policy public.t p: using is "(a > 1)" instead of "(a > 0)"',
      'policy public.t p: with check is "true" instead of none',
    ],
  },
  {
    name: 'extended statistics',
    setup: T,
    change: 'CREATE STATISTICS st (ndistinct) ON a, b FROM t',
    says: ['statistics public.st were added'],
  },
  {
    name: 'the target of extended statistics',
    setup: `${T} CREATE STATISTICS st (ndistinct) ON a, b FROM t;`,
    change: 'ALTER STATISTICS st SET STATISTICS 50',
    says: ['statistics public.st: statistics target is "50" instead of none'],
  },
  {
    name: 'extended statistics of an expression',
    setup: `${T} CREATE STATISTICS st ON (a + 1) FROM t;`,
    change: 'DROP STATISTICS st; CREATE STATISTICS st ON (a + 2) FROM t',
    says: [
      'statistics public.st: definition is "CREATE STATISTICS public.st ON (a + 2) FROM public.t" instead of "CREATE STATISTICS public.st ON (a + 1) FROM public.t"',
    ],
  },
]
const views: readonly CatalogCase[] = [
  {
    name: 'the expression of a view whose column is renamed',
    setup: `${T} CREATE VIEW v AS SELECT a, b FROM t;`,
    change: 'ALTER TABLE t RENAME a TO z',
    says: ['column public.t.a is missing', 'column public.t.z was added', 'view public.v: query differs'],
  },
  {
    name: 'a view whose own column is renamed',
    setup: `${T} CREATE VIEW v AS SELECT a, b FROM t;`,
    change: 'ALTER VIEW v RENAME COLUMN a TO z',
    says: ['column public.v.a is missing', 'column public.v.z was added', 'view public.v: query differs'],
  },
  {
    name: 'an option of a view',
    setup: `${T} CREATE VIEW v AS SELECT a FROM t;`,
    change: 'ALTER VIEW v SET (security_barrier)',
    says: ['view public.v: options are "security_barrier=true" instead of none'],
  },
  {
    name: 'a default of a view',
    setup: `${T} CREATE VIEW v AS SELECT a FROM t;`,
    change: 'ALTER VIEW v ALTER a SET DEFAULT 1',
    says: ['column public.v.a: default is "1" instead of none'],
  },
  {
    name: 'a materialized view',
    setup: T,
    change: 'CREATE MATERIALIZED VIEW m AS SELECT a FROM t',
    says: ['materialized view public.m was added'],
  },
  {
    name: 'a materialized view that is refreshed',
    setup: `${T} CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA;`,
    change: 'REFRESH MATERIALIZED VIEW m',
    says: [],
  },
]
const routines: readonly CatalogCase[] = [
  {
    name: 'the body of a function',
    setup: F,
    change: 'CREATE OR REPLACE FUNCTION f(x int) RETURNS int LANGUAGE sql AS $$SELECT 2$$',
    says: ['function public.f(integer): definition differs'],
  },
  {
    name: 'a setting of a function',
    setup: F,
    change: 'ALTER FUNCTION f SET search_path = public, pg_temp',
    says: ['function public.f(integer): definition differs'],
  },
  {
    name: 'a setting of a function that is reset',
    setup: `${F} ALTER FUNCTION f SET work_mem = '1MB';`,
    change: 'ALTER FUNCTION f RESET ALL',
    says: ['function public.f(integer): definition differs'],
  },
  {
    name: 'security definer',
    setup: F,
    change: 'ALTER FUNCTION f SECURITY DEFINER',
    says: ['function public.f(integer): definition differs'],
  },
  {
    name: 'an overloaded function',
    setup: F,
    change: 'CREATE FUNCTION f(x text) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    says: ['function public.f(text) was added'],
  },
  {
    name: 'a procedure',
    change: 'CREATE PROCEDURE pr(x int) LANGUAGE sql AS $$SELECT 1$$',
    says: ['procedure public.pr(integer) was added'],
  },
  {
    name: 'an aggregate with an empty initial value',
    setup: 'CREATE AGGREGATE ag(text) (SFUNC = textcat, STYPE = text);',
    change:
      "DROP AGGREGATE ag(text); CREATE AGGREGATE ag(text) (SFUNC = textcat, STYPE = text, INITCOND = '')",
    says: ['aggregate public.ag(text): definition differs'],
  },
  {
    name: 'a privilege on a function',
    setup: F,
    change: 'REVOKE EXECUTE ON FUNCTION f FROM PUBLIC',
    says: ['function public.f(integer): privileges of PUBLIC are "none" instead of the usual ones'],
  },
  {
    name: 'a comment on a function',
    setup: F,
    change: "COMMENT ON FUNCTION f(int) IS 'x'",
    says: ['function public.f(integer): comment is "x" instead of none'],
  },
  {
    name: 'a cast',
    setup:
      "CREATE TYPE mood AS ENUM ('a'); CREATE FUNCTION to_mood(int) RETURNS mood LANGUAGE sql AS $$SELECT 'a'::public.mood$$;",
    change: 'CREATE CAST (int AS mood) WITH FUNCTION to_mood(int) AS ASSIGNMENT',
    says: ['cast integer as public.mood was added'],
  },
  {
    name: 'a comment on a cast',
    setup: "CREATE TYPE mood AS ENUM ('a'); CREATE CAST (mood AS bytea) WITH INOUT;",
    change: "COMMENT ON CAST (mood AS bytea) IS 'x'",
    says: ['cast public.mood as bytea: comment is "x" instead of none'],
  },
  {
    name: 'an event trigger',
    setup: 'CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;',
    change: "CREATE EVENT TRIGGER et ON ddl_command_start WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION ef()",
    says: ['event trigger et was added'],
  },
  {
    name: 'a disabled event trigger',
    setup:
      'CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION ef();',
    change: 'ALTER EVENT TRIGGER et DISABLE',
    says: ['event trigger et: state is "disabled" instead of enabled'],
  },
]
const types: readonly CatalogCase[] = [
  {
    name: 'a label of an enum',
    setup: "CREATE TYPE e AS ENUM ('a', 'c');",
    change: "ALTER TYPE e ADD VALUE 'b' BEFORE 'c'",
    says: ["enum public.e: labels are \"'a', 'b', 'c'\" instead of \"'a', 'c'\""],
  },
  { name: 'an enum without labels', change: 'CREATE TYPE e AS ENUM ()', says: ['enum public.e was added'] },
  {
    name: 'an attribute of a composite type',
    setup: 'CREATE TYPE c AS (a int, b int);',
    change: 'ALTER TYPE c DROP ATTRIBUTE a, ADD ATTRIBUTE a bigint',
    says: [
      'attribute public.c.a: type is "bigint" instead of "integer"',
      'composite type public.c: the columns are in another order',
    ],
  },
  {
    name: 'a domain',
    setup: 'CREATE DOMAIN d AS int;',
    change: 'ALTER DOMAIN d SET DEFAULT 3; ALTER DOMAIN d SET NOT NULL',
    says: [
      'domain public.d: default is "3" instead of none',
      'domain public.d: not null is yes instead of no',
    ],
  },
  {
    name: 'a range',
    change: 'CREATE TYPE rg AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi)',
    says: ['range type public.rg was added'],
  },
  { name: 'a shell type', change: 'CREATE TYPE sh', says: ['type public.sh was added'] },
  {
    name: 'a privilege on a type',
    setup: `${ROLES} CREATE TYPE e AS ENUM ('a');`,
    change: 'REVOKE USAGE ON TYPE e FROM PUBLIC; GRANT USAGE ON TYPE e TO cat_reader WITH GRANT OPTION',
    says: [
      'enum public.e: privileges of PUBLIC are "none" instead of the usual ones',
      'enum public.e: privileges of cat_reader are "USAGE with grant option" instead of none',
    ],
  },
  {
    name: 'an operator',
    setup: 'CREATE FUNCTION plus(int, int) RETURNS int LANGUAGE sql AS $$SELECT 1$$;',
    change: 'CREATE OPERATOR #+# (LEFTARG = int, RIGHTARG = int, FUNCTION = plus)',
    says: ['operator public.#+#(integer,integer) was added'],
  },
  {
    name: 'an operator that only another one names',
    setup: 'CREATE FUNCTION plus(int, int) RETURNS int LANGUAGE sql AS $$SELECT 1$$;',
    change: 'CREATE OPERATOR #+# (LEFTARG = int, RIGHTARG = int, FUNCTION = plus, COMMUTATOR = #++#)',
    says: ['operator public.#+#(integer,integer) was added'],
  },
  {
    name: 'an operator class',
    change:
      'CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int)',
    says: [
      'operator class public.oc using btree was added',
      'operator family public.oc using btree was added',
    ],
  },
  {
    name: 'a member of an operator family',
    setup: 'CREATE OPERATOR FAMILY ofa USING btree;',
    change: 'ALTER OPERATOR FAMILY ofa USING btree ADD OPERATOR 1 < (int, int)',
    says: [
      'operator family public.ofa using btree: members are "operator 1 <(integer,integer) for integer, integer" instead of none',
    ],
  },
  {
    name: 'an access method',
    change: 'CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler',
    says: ['access method am was added'],
  },
  {
    name: 'a new collation',
    change: `CREATE COLLATION co (locale = 'C')`,
    says: ['collation public.co was added'],
  },
  {
    name: 'a conversion',
    change: "CREATE CONVERSION cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
    says: ['conversion public.cv was added'],
  },
  {
    name: 'a text search configuration',
    setup: 'CREATE TEXT SEARCH CONFIGURATION tc (COPY = simple);',
    change: 'ALTER TEXT SEARCH CONFIGURATION tc ALTER MAPPING FOR asciiword WITH english_stem, simple',
    says: ['text search configuration public.tc: mappings differ'],
  },
  {
    name: 'a text search dictionary',
    setup: 'CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = simple);',
    change: 'ALTER TEXT SEARCH DICTIONARY td (accept = false)',
    says: ['text search dictionary public.td: options are "accept = \'false\'" instead of none'],
  },
]
const others: readonly CatalogCase[] = [
  { name: 'a schema', change: 'CREATE SCHEMA s', says: ['schema s was added'] },
  {
    name: 'a dropped schema with all that is in it',
    setup:
      'CREATE SCHEMA s; CREATE TABLE s.t (a int PRIMARY KEY); CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;',
    change: 'DROP SCHEMA s CASCADE',
    says: ['schema s is missing'],
  },
  {
    name: 'a privilege on the schema public',
    setup: ROLES,
    change: 'GRANT CREATE ON SCHEMA public TO cat_reader',
    says: ['schema public: privileges of cat_reader are "CREATE" instead of none'],
  },
  {
    name: 'the owner of the schema public',
    setup: `${ROLES} ALTER SCHEMA public OWNER TO cat_reader;`,
    change: 'ALTER SCHEMA public OWNER TO cat_owner',
    says: ['schema public: owner is "cat_owner" instead of "cat_reader"'],
  },
  {
    name: 'default privileges in a schema',
    setup: ROLES,
    change:
      'ALTER DEFAULT PRIVILEGES FOR ROLE cat_owner IN SCHEMA public GRANT SELECT ON TABLES TO cat_reader',
    says: ['default privileges for cat_owner in public on tables were added'],
  },
  {
    name: 'default privileges that take EXECUTE from everybody',
    setup: ROLES,
    change: 'ALTER DEFAULT PRIVILEGES FOR ROLE cat_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
    says: ['default privileges for cat_owner on functions were added'],
  },
  {
    name: 'a privilege with its grant option and another grantor',
    setup: `${T}${ROLES} GRANT SELECT ON t TO cat_owner WITH GRANT OPTION;`,
    change: 'SET LOCAL ROLE cat_owner; GRANT SELECT ON t TO cat_reader; RESET ROLE',
    says: [
      'table public.t: grantors are "cat_reader by cat_owner" instead of none',
      'table public.t: privileges of cat_reader are "SELECT" instead of none',
    ],
  },
  {
    name: 'a privilege that the owner gave away',
    setup: T,
    change: 'REVOKE ALL ON t FROM CURRENT_USER',
    says: ['table public.t: privileges of its owner are "none" instead of the usual ones'],
  },
  {
    name: 'privileges that are given and taken again',
    setup: `${T}${ROLES}`,
    change: 'GRANT SELECT ON t TO cat_reader; REVOKE SELECT ON t FROM cat_reader',
    says: [],
  },
  {
    name: 'a privilege on what PostgreSQL made',
    change: 'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC',
    says: ['privileges on function pg_catalog.pg_sleep(double precision) were added'],
  },
  {
    name: 'a publication',
    setup: T,
    change: 'CREATE PUBLICATION pub FOR TABLE t',
    says: ['publication pub was added'],
  },
  {
    name: 'the operations of a publication',
    setup: 'CREATE PUBLICATION pub FOR ALL TABLES;',
    change: "ALTER PUBLICATION pub SET (publish = 'insert')",
    says: ['publication pub: operations are "insert" instead of "insert, update, delete, truncate"'],
  },
  {
    name: 'columns and rows of a publication',
    setup: `${T} CREATE PUBLICATION pub FOR TABLE t;`,
    change: 'ALTER PUBLICATION pub SET TABLE t (a) WHERE (a > 1)',
    says: ['publication pub: table public.t is "(a) where (a > 1)" instead of "all columns"'],
    since: 15,
  },
  {
    name: 'a schema of a publication',
    setup: 'CREATE PUBLICATION pub;',
    change: 'ALTER PUBLICATION pub ADD TABLES IN SCHEMA public',
    says: ['publication pub: schema public is "all tables" instead of none'],
    since: 15,
  },
  {
    name: 'a subscription',
    needs: 'subscriptions',
    change:
      "CREATE SUBSCRIPTION sub CONNECTION 'dbname=x password=p1' PUBLICATION a WITH (connect = false, slot_name = NONE)",
    says: ['subscription sub was added'],
  },
  {
    name: 'the connection of a subscription',
    needs: 'subscriptions',
    setup:
      "CREATE SUBSCRIPTION sub CONNECTION 'dbname=x password=p1' PUBLICATION a WITH (connect = false, slot_name = NONE);",
    change: "ALTER SUBSCRIPTION sub CONNECTION 'dbname=x password=p2'",
    says: ['subscription sub: option connection differs'],
  },
  {
    name: 'an option of a server',
    setup: FDW,
    change: "ALTER SERVER s OPTIONS (SET password 'p2', DROP host)",
    says: ['server s: option host is missing', 'server s: option password differs'],
  },
  {
    name: 'an option of a user mapping',
    setup: FDW,
    change: "ALTER USER MAPPING FOR PUBLIC SERVER s OPTIONS (SET password 'p2')",
    says: ['user mapping PUBLIC on s: option password differs'],
  },
  {
    name: 'options of a foreign table and its column',
    setup: FDW,
    change: "ALTER FOREIGN TABLE ft OPTIONS (SET path '/b'), ALTER a OPTIONS (SET k 'w')",
    says: [
      'column public.ft.a: foreign options are "k=w" instead of "k=v"',
      'foreign table public.ft: foreign options are "path=/b" instead of "path=/a"',
    ],
  },
  {
    name: 'a sequence',
    setup: 'CREATE SEQUENCE q;',
    change: 'ALTER SEQUENCE q INCREMENT 5 MAXVALUE 100 CYCLE',
    says: [
      'sequence public.q: sequence is "as bigint start 1 increment 5 minimum 1 maximum 100 cache 1 cycle" instead of "as bigint start 1 increment 1 minimum 1 maximum 9223372036854775807 cache 1"',
    ],
  },
  {
    name: 'the column that owns a sequence',
    setup: `${T} CREATE SEQUENCE q;`,
    change: 'ALTER SEQUENCE q OWNED BY t.a',
    says: ['sequence public.q: owned by is "public.t.a" instead of none'],
  },
  { name: 'a value of a sequence', setup: 'CREATE SEQUENCE q;', change: "SELECT setval('q', 50)", says: [] },
  {
    name: 'a partition',
    setup: PARTS,
    change: 'CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)',
    says: ['table public.p2 was added'],
  },
  {
    name: 'a detached partition',
    setup: PARTS,
    change: 'ALTER TABLE p DETACH PARTITION p1',
    says: [
      'column public.p1.a: inherited is no instead of yes',
      'column public.p1.b: inherited is no instead of yes',
      'table public.p1: inherits is none instead of "public.p"',
      'table public.p1: partition bound is none instead of "FOR VALUES IN (1)"',
    ],
  },
  {
    name: 'a security label',
    setup: T,
    change:
      "SET LOCAL allow_system_table_mods = on; INSERT INTO pg_seclabel SELECT 'public.t'::regclass, 'pg_class'::regclass, 1, 'dummy', 'secret'",
    says: ['column public.t.a: security label of dummy is "secret" instead of none'],
  },
  {
    name: 'new rows, ANALYZE and a REINDEX',
    setup: 'CREATE TABLE t (a serial PRIMARY KEY, b text);',
    change: "INSERT INTO t (b) SELECT 'x' FROM generate_series(1, 500); ANALYZE t; REINDEX TABLE t",
    says: [],
  },
]

/** Each is about one thing that a reading of the catalog easily misses. */
export const CATALOG_CASES: readonly CatalogCase[] = [
  ...tables,
  ...columns,
  ...constraints,
  ...indexes,
  ...parts,
  ...views,
  ...routines,
  ...types,
  ...others,
]
