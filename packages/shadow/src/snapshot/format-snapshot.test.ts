import { expect, test } from 'vitest'
import { formatSnapshot } from './format-snapshot.ts'

const entry = (name: string, type: string, schema: string, sql: string, owner = 'ada') =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: ${schema}; Owner: ${owner}\n--\n\n${sql}\n\n\n`

const dumpOf = (...entries: readonly string[]) => `--
-- PostgreSQL database dump
--

\\restrict x7yz

-- Dumped from database version 18.3
-- Dumped by pg_dump version 18.1

SET statement_timeout = 0;
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

${entries.join('')}--
-- PostgreSQL database dump complete
--

\\unrestrict x7yz

`

const snapshot = (
  entries: readonly string[],
  options: { emptyDump?: string; trackingSchema?: string } = {},
) =>
  formatSnapshot({
    dump: dumpOf(...entries),
    serverMajor: 18,
    user: 'ada',
    trackingSchema: 'public',
    ...options,
  })

const HEAD = `-- What the migrations make. Written by "tidemark snapshot"; do not edit.
-- PostgreSQL 18

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
`

test('nothing says which version, key or machine a snapshot comes from', () => {
  const table = entry(
    'users',
    'TABLE',
    'public',
    "SET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n--\n-- x\nCREATE TABLE public.users (\n    id integer\n);\n\n\nALTER TABLE public.users OWNER TO ada;",
  )
  expect(
    snapshot([
      entry(
        'pgcrypto',
        'EXTENSION',
        '-',
        "CREATE EXTENSION pgcrypto;\n\n\nSET default_tablespace = '';\n\nSET default_table_access_method = heap;",
        '',
      ),
      table,
    ]),
  ).toBe(`-- What the migrations make. Written by "tidemark snapshot"; do not edit.
-- PostgreSQL 18

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET default_tablespace = '';
SET default_table_access_method = heap;

-- Name: pgcrypto; Type: EXTENSION

CREATE EXTENSION pgcrypto;

-- Name: users; Type: TABLE; Schema: public

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- x
CREATE TABLE public.users (
    id integer
);
`)
})

test('the user of the shadow is not named, and every other owner is', () => {
  const grant = (sql: string, type = 'ACL') => entry('TABLE t', type, 'public', sql)
  expect(
    snapshot([
      entry('t', 'TABLE', 'public', 'CREATE TABLE public.t ();\n\n\nALTER TABLE public.t OWNER TO ada;'),
      entry('u', 'TABLE', 'public', 'CREATE TABLE public.u ();\n\n\nALTER TABLE public.u OWNER TO adam;'),
      grant('REVOKE ALL ON TABLE public.t FROM ada;\nGRANT SELECT ON TABLE public.t TO adam;'),
      grant(
        'ALTER DEFAULT PRIVILEGES FOR ROLE ada IN SCHEMA public GRANT ALL ON TABLES TO bob;',
        'DEFAULT ACL',
      ),
    ]),
  ).toBe(`${HEAD}
-- Name: t; Type: TABLE; Schema: public

CREATE TABLE public.t ();

-- Name: u; Type: TABLE; Schema: public

CREATE TABLE public.u ();

ALTER TABLE public.u OWNER TO adam;

-- Name: TABLE t; Type: ACL; Schema: public

REVOKE ALL ON TABLE public.t FROM CURRENT_ROLE;
GRANT SELECT ON TABLE public.t TO adam;

-- Name: TABLE t; Type: DEFAULT ACL; Schema: public

ALTER DEFAULT PRIVILEGES FOR ROLE CURRENT_ROLE IN SCHEMA public GRANT ALL ON TABLES TO bob;
`)
})

test('the tracking tables are left out with all their parts, and what has a similar name stays', () => {
  expect(
    snapshot([
      entry('migration_status', 'TYPE', 'public', 'CREATE TYPE 1'),
      entry('schema_migrations', 'TABLE', 'public', 'CREATE TABLE 1'),
      entry('COLUMN schema_migrations.id', 'COMMENT', 'public', 'COMMENT 1'),
      entry('TABLE database_schema', 'ACL', 'public', 'GRANT 1'),
      entry('schema_migrations schema_migrations_pkey', 'CONSTRAINT', 'public', 'ALTER 1'),
      entry('schema_migrations_archive', 'TABLE', 'public', 'CREATE TABLE 2'),
      entry('schema_migrations', 'TABLE', 'other', 'CREATE TABLE 3'),
    ]),
  ).toBe(`${HEAD}
-- Name: schema_migrations_archive; Type: TABLE; Schema: public

CREATE TABLE 2

-- Name: schema_migrations; Type: TABLE; Schema: other

CREATE TABLE 3
`)
})

test('a schema for the tracking tables alone is left out', () => {
  const schema = entry('tidemark', 'SCHEMA', '-', 'CREATE SCHEMA tidemark;')
  const table = entry('database_schema', 'TABLE', 'tidemark', 'CREATE TABLE 1')
  const mine = entry('mine', 'TABLE', 'tidemark', 'CREATE TABLE 2')
  const trackingSchema = 'tidemark'
  expect(snapshot([schema, table], { trackingSchema })).toBe(HEAD)
  expect(snapshot([schema, table, mine], { trackingSchema })).toContain('CREATE SCHEMA tidemark;')
})

test('what an empty database has too is left out', () => {
  const schema = entry('auth', 'SCHEMA', '-', 'CREATE SCHEMA auth;')
  const trigger = entry('users made', 'TRIGGER', 'auth', 'CREATE TRIGGER made;')
  expect(snapshot([schema, trigger], { emptyDump: dumpOf(schema) })).toBe(`${HEAD}
-- Name: users made; Type: TRIGGER; Schema: auth

CREATE TRIGGER made;
`)
})

test('the option that PGlite writes to each column is left out, and the others stay', () => {
  const columns = `ALTER TABLE ONLY public.users ALTER COLUMN id SET (pg_attver=8742152);
ALTER TABLE ONLY public.users ALTER COLUMN name SET (pg_attver=8742152, n_distinct=5);
ALTER TABLE ONLY public.users ALTER COLUMN age SET (n_distinct=5);`
  const written = snapshot([
    entry('users', 'TABLE', 'public', `CREATE TABLE public.users (\n    id integer\n);\n${columns}`),
    entry('f()', 'FUNCTION', 'public', `CREATE FUNCTION public.f() AS $$\n${columns}\n$$;`),
  ])
  expect(written).toContain(`CREATE TABLE public.users (
    id integer
);
ALTER TABLE ONLY public.users ALTER COLUMN name SET (n_distinct=5);
ALTER TABLE ONLY public.users ALTER COLUMN age SET (n_distinct=5);
`)
  expect(written).toContain(`$$\n${columns}\n$$`)
})
