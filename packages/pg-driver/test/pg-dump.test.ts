import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMigrationRunner } from '../src/create-migration-runner.ts'
import { createMigrationFolder } from './migration-files.ts'

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

  test('of a database with data, functions and identities applies as a migration, and dumps alike again', async () => {
    await query('postgres', 'CREATE DATABASE original')
    await query('postgres', 'CREATE DATABASE restored')
    await query('original', DATABASE)
    const sql = await dump('original')
    expect(sql).toContain('COPY app.rows (id, label, raw, tags) FROM stdin;')
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
    const again = await dump('restored', '--exclude-schema=tidemark')
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
`
