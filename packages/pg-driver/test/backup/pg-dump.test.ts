import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/create-migration-runner.ts'
import { createMigrationFolder } from '../support/migration-files.ts'

const run = promisify(execFile)
const version = await run('pg_dump', ['--version']).then(
  ({ stdout }) => /\b(\d+)\.\d+/.exec(stdout)?.[1],
  () => undefined,
)
const missing =
  version === undefined
    ? 'pg_dump is not on PATH'
    : Number(version) < 15
      ? `pg_dump ${version} is too old`
      : ''

describe.skipIf(missing !== '')(`a raw pg_dump${missing === '' ? '' : ` (skipped: ${missing})`}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ major: '15' })
  })
  afterAll(() => server.remove())

  const query = async (database: string, text: string) => {
    const client = new pg.Client({ connectionString: server.url(database) })
    await client.connect()
    await client.query(text).finally(() => client.end())
  }
  const dump = async (database: string, ...options: readonly string[]) => {
    const { stdout } = await run('pg_dump', [...options, server.url(database)], { maxBuffer: 1e9 })
    return stdout
  }

  test.each([
    ['with its data', [], 'COPY app.rows (id, label, raw, tags) FROM stdin;'],
    ['with its data as INSERTs', ['--inserts'], 'INSERT INTO app.rows OVERRIDING SYSTEM VALUE VALUES'],
    ['with columns in its INSERTs', ['--column-inserts'], 'INSERT INTO app.rows (id, label, raw, tags)'],
    [
      'with many rows an INSERT',
      ['--rows-per-insert=500'],
      'INSERT INTO app.rows OVERRIDING SYSTEM VALUE VALUES\n',
    ],
    ['of the schema alone', ['--schema-only'], 'CREATE TABLE app.rows'],
    ['that is large', [], 'COPY app.wide (id, body) FROM stdin;'],
  ])('%s applies as a migration, and dumps alike again', async (name, options, contained) => {
    await query('postgres', 'DROP DATABASE IF EXISTS original')
    await query('postgres', 'DROP DATABASE IF EXISTS restored')
    await query('postgres', 'CREATE DATABASE original')
    await query('postgres', 'CREATE DATABASE restored')
    await query('original', DATABASE)
    if (name === 'that is large') await query('original', WIDE)
    const sql = await dump('original', ...options)
    expect(sql).toContain(contained)
    const folder = await createMigrationFolder({
      '001_baseline': `-- @up\n${sql}`,
      '002_after': 'CREATE TABLE after_it (id int);',
    })
    const runner = createMigrationRunner({
      database: server.url('restored'),
      migrations: folder.path,
      schema: 'tidemark',
    })
    const { plan, done } = await runner.runMigrations({ target: '001_baseline' })
    expect(done).toEqual(['001_baseline'])
    expect(new Set(plan.findings.map(({ code }) => code))).toEqual(
      new Set(sql.includes('\\restrict') ? ['TM1028'] : []),
    )
    const again = await dump('restored', '--exclude-schema=tidemark', ...options)
    expect(withoutToken(again)).toBe(withoutToken(sql))
    await runner.runMigrations()
    await folder.drop()
  })
})

/** The token of \restrict is random. */
function withoutToken(sql: string): string {
  return sql.replace(/^\\(un)?restrict .*$/gm, '')
}

const DATABASE = `
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TABLE app.rows (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text, raw bytea, tags text[]);
INSERT INTO app.rows (label, raw, tags)
  SELECT CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN E'tab\\there; $$ it''s' WHEN 2 THEN '\\.' WHEN 3 THEN E'a\\n\\\\.\\nb' ELSE '-- @down' END,
    decode(md5(i::text), 'hex'), ARRAY['a,b', NULL, '"q"'] FROM generate_series(1, 20000) AS i;
CREATE TABLE public."Odd "" name" ("a column" app.mood DEFAULT 'ok');
INSERT INTO public."Odd "" name" VALUES ('sad');
CREATE FUNCTION app.f(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN n > 0 THEN n ELSE 0 END; END;
CREATE FUNCTION app.g() RETURNS trigger LANGUAGE plpgsql AS $_$ BEGIN RETURN NEW; END; $_$;
CREATE TRIGGER t BEFORE INSERT ON app.rows FOR EACH ROW EXECUTE FUNCTION app.g();
CREATE VIEW app.v AS SELECT id, label FROM app.rows WHERE label IS NOT NULL;
CREATE MATERIALIZED VIEW app.m AS SELECT count(*) AS n FROM app.rows;
CREATE INDEX ON app.rows (label);
ALTER TABLE app.rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON app.rows USING (true);
COMMENT ON TABLE app.rows IS 'it''s; a comment';
CREATE DOMAIN app.positive AS int CONSTRAINT more CHECK (VALUE > 0);
CREATE TYPE app.pair AS (a int, b text);
CREATE TYPE app.span AS RANGE (subtype = float8);
CREATE SEQUENCE app.counter START 7 CYCLE MAXVALUE 99;
CREATE TABLE app.parts (id int, at date, n app.positive, twice int GENERATED ALWAYS AS (id * 2) STORED, p app.pair,
  UNIQUE (id, at)) PARTITION BY RANGE (at);
CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.parts_rest PARTITION OF app.parts DEFAULT;
INSERT INTO app.parts (id, at, n, p) SELECT i, '2024-06-01'::date + i, 1, ROW(i, 'x;y'::text)::app.pair FROM generate_series(1, 300) AS i;
CREATE TABLE app.base (a int); CREATE TABLE app.child (b int CHECK (b <> 3)) INHERITS (app.base);
CREATE RULE r AS ON INSERT TO app.base WHERE new.a < 0 DO INSTEAD (INSERT INTO app.child VALUES (1, 2); SELECT 1);
CREATE AGGREGATE app.total (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE FUNCTION app.eq(app.pair, app.pair) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a -- ;';
CREATE OPERATOR app.=== (LEFTARG = app.pair, RIGHTARG = app.pair, FUNCTION = app.eq);
CREATE COLLATION app.c (LOCALE = 'C');
CREATE TEXT SEARCH CONFIGURATION app.words (COPY = simple);
CREATE PROCEDURE app.p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.on_ddl();
CREATE EXTENSION pg_trgm SCHEMA app;
CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER far FOREIGN DATA WRAPPER nothing OPTIONS (host 'h');
CREATE FOREIGN TABLE app.there (id int) SERVER far;
CREATE STATISTICS app.s ON id, label FROM app.rows;
CREATE PUBLICATION changes FOR TABLE app.rows;
CREATE INDEX ON app.rows USING gin (label app.gin_trgm_ops) WHERE label IS NOT NULL;
ALTER TABLE app.child ADD CONSTRAINT later CHECK (b > 0) NOT VALID;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
CREATE FUNCTION app.width(app.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
CREATE CAST (app.pair AS int) WITH FUNCTION app.width(app.pair);
`

/** What makes the dump more than 16 MiB. */
const WIDE = `CREATE TABLE app.wide (id int, body text);
  INSERT INTO app.wide SELECT i, repeat(md5(i::text), 30) FROM generate_series(1, 20000) AS i`
