import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FORMAT_NAMES, FORMATS } from '@tidemark/import'
import { originalFolder } from '@tidemark/import/testing'
import { connectToServer } from '@tidemark/pg-driver/engine'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, type Project } from '../support/project.ts'

let project: Project
beforeAll(buildWhenStale)
afterEach(() => project.remove())

/** A project whose other tool has written this into its database. */
async function open(format: string, sql: string): Promise<void> {
  project = await createProject({}, 'server')
  await cp(originalFolder(format), project.folder, { recursive: true })
  await query(sql)
}

async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
  const connection = await connectToServer({
    url: project.database,
    applicationName: 'tidemark test',
    timeoutMs: 10_000,
  })
  try {
    return (await connection.query(sql)).rows
  } finally {
    await connection.close()
  }
}

const TARGET = ['--out', 'tidemark', '--schema', 'tidemark']
const adopt = (...more: string[]) => project.run(['import', '--adopt', ...TARGET, ...more])

async function states(): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await project.run(['status', '--dir', 'tidemark', '--schema', 'tidemark', '--json'])
  const { migrations } = JSON.parse(stdout)
  return Object.fromEntries(migrations.map(({ id, state }: { id: string; state: string }) => [id, state]))
}

const HISTORIES: Readonly<Record<string, readonly [sql: string, applied: number]>> = {
  supabase: [
    `CREATE SCHEMA supabase_migrations;
     CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
     INSERT INTO supabase_migrations.schema_migrations (version) VALUES ('20240101000000'), ('20240102000000');`,
    2,
  ],
  prisma: [
    `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
       migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
       applied_steps_count integer NOT NULL DEFAULT 0);
     INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES
       ('1', 'a', now(), '20240101000000_init'), ('2', 'b', now(), '20240102000000_add_owner');`,
    2,
  ],
  drizzle: [
    `CREATE SCHEMA drizzle;
     CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
     INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('a', 1704067200000);`,
    1,
  ],
  dbmate: [
    `CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
     INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000'), ('20240103000000');`,
    3,
  ],
  goose: [
    `CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp);
     INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (2, false);`,
    1,
  ],
  'golang-migrate': [
    `CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
     INSERT INTO schema_migrations VALUES (2, false);`,
    // The second one has two transactions, and is imported in two parts.
    3,
  ],
  flyway: [
    `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL,
       type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL,
       installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL, success boolean NOT NULL);
     INSERT INTO flyway_schema_history VALUES
       (1, '1', 'users', 'SQL', 'V1__users.sql', NULL, 'me', now(), 1, true),
       (2, '1.2', 'add mail', 'SQL', 'V1.2__add_mail.sql', NULL, 'me', now(), 1, true);`,
    2,
  ],
  diesel: [
    `CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT now());
     INSERT INTO __diesel_schema_migrations (version) VALUES ('00000000000000'), ('20240101235959'), ('20240102000001');`,
    3,
  ],
  hasura: [
    `CREATE SCHEMA hdb_catalog;
     CREATE TABLE hdb_catalog.hdb_version (hasura_uuid uuid PRIMARY KEY, version text NOT NULL, upgraded_on timestamptz NOT NULL,
       cli_state jsonb NOT NULL DEFAULT '{}', console_state jsonb NOT NULL DEFAULT '{}');
     INSERT INTO hdb_catalog.hdb_version VALUES ('00000000-0000-0000-0000-000000000000', '48', now(),
       '{"settings": {"migration_mode": "true"}, "migrations": {"default": {"1700000000000": false, "1700000100000": false}, "analytics": {}}}');`,
    2,
  ],
  liquibase: [
    `CREATE TABLE databasechangelog (id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL,
       dateexecuted timestamp NOT NULL, orderexecuted int NOT NULL, exectype varchar(10) NOT NULL, md5sum varchar(35));
     INSERT INTO databasechangelog VALUES ('1', 'ann', 'db/changelog/users.sql', now(), 1, 'EXECUTED', '9:0'),
       ('users-name-index', 'bob', 'db/changelog/users.sql', now(), 2, 'MARK_RAN', '9:0');`,
    2,
  ],
  'sql-migrate': [
    `CREATE TABLE gorp_migrations (id text PRIMARY KEY, applied_at timestamptz);
     INSERT INTO gorp_migrations VALUES ('1_users.sql', now()), ('2_posts.sql', now());`,
    2,
  ],
  sqlx: [
    `CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL DEFAULT now(),
       success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL);
     INSERT INTO _sqlx_migrations VALUES (9, 'early', now(), true, '\\x00', 1);`,
    1,
  ],
  sqitch: [
    `CREATE SCHEMA sqitch;
     CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, script_hash text UNIQUE, change text NOT NULL, project text NOT NULL,
       note text NOT NULL DEFAULT '', committed_at timestamptz NOT NULL DEFAULT clock_timestamp());
     INSERT INTO sqitch.changes VALUES ('a', 'b', 'users', 'shop'), ('c', 'd', 'appnotes', 'shop'), ('e', 'f', 'roles', 'auth');`,
    2,
  ],
  'graphile-migrate': [
    `CREATE SCHEMA graphile_migrate;
     CREATE TABLE graphile_migrate.migrations (hash text PRIMARY KEY, previous_hash text, filename text NOT NULL, date timestamptz NOT NULL DEFAULT now());
     INSERT INTO graphile_migrate.migrations VALUES ('sha1:0000000000000000000000000000000000000001', NULL, '000001.sql');`,
    1,
  ],
  'node-pg-migrate': [
    `CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
     INSERT INTO pgmigrations (name, run_on) VALUES ('1700000000000_users', now()), ('1700000000001_posts', now());`,
    2,
  ],
  sourcegraph: [
    `CREATE TABLE migration_logs (id serial PRIMARY KEY, migration_logs_schema_version int NOT NULL, schema text NOT NULL, version int NOT NULL,
       up bool NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz, success boolean, error_message text, backfilled boolean NOT NULL DEFAULT false);
     INSERT INTO migration_logs (migration_logs_schema_version, schema, version, up, started_at, success) VALUES
       (2, 'schema_migrations', 1000, true, now(), true), (2, 'schema_migrations', 1002, true, now(), true),
       (2, 'schema_migrations', 1003, true, now(), true), (2, 'schema_migrations', 1003, false, now(), true),
       (2, 'codeintel_schema_migrations', 1001, true, now(), true);`,
    2,
  ],
  atlas: [
    `CREATE SCHEMA atlas_schema_revisions;
     CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version varchar PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2,
       applied bigint NOT NULL DEFAULT 0, total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, hash varchar NOT NULL);
     INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('20240101000000', 'users', 2, 1, 1, now(), ''), ('20240102000000', 'index', 2, 1, 1, now(), '');`,
    2,
  ],
}

const WITH_TABLE = FORMAT_NAMES.filter((format) => FORMATS[format].history !== undefined)

test.each(WITH_TABLE)(
  'what the table of %s says is recorded as applied, and nothing is executed',
  async (format) => {
    const [sql, applied] = HISTORIES[format] ?? ['', 0]
    await open(format, sql)
    expect((await adopt()).stderr).toBe('')
    expect(Object.values(await states()).filter((state) => state === 'applied').length).toBe(applied)
    const directions = await query('SELECT DISTINCT direction::text FROM tidemark.migration_history')
    expect(directions).toEqual([{ direction: 'baseline' }])
    expect(await query(`SELECT to_regclass('public.users') AS users`)).toEqual([{ users: null }])
  },
)

const SHARED = ['dbmate', 'golang-migrate'] as const

describe.each(SHARED)('the table of %s has the name of a tracking table', (format) => {
  const name = async (): Promise<string> =>
    JSON.parse(await readFile(join(project.folder, 'tidemark.config.json'), 'utf8')).schema

  test('a configuration is written that names another schema, and every later command works', async () => {
    const [sql, applied] = HISTORIES[format] ?? ['', 0]
    await open(format, sql)
    const refused = await project.run(['up', '--dir', '.'])
    expect(refused.code).toBe(2)
    const dry = await project.run(['import', format, '--adopt', '--out', 'tidemark', '--dry-run'])
    expect(dry.stdout).toContain('tidemark.config.json will say "schema": "tidemark"')
    await expect(name()).rejects.toThrow('ENOENT')
    const { code, stdout, stderr } = await project.run(['import', format, '--adopt', '--out', 'tidemark'])
    expect({ code, stderr, end: stdout.trimEnd().split('\n').slice(-5) }).toEqual({
      code: 0,
      stderr: '',
      end: [
        expect.stringMatching(`${applied} migrations applied by ${format}, ${applied} recorded`),
        `✓ tidemark.config.json says "schema": "tidemark", since public.schema_migrations is ${format}'s`,
        'Keep tidemark and tidemark.config.json: every later command reads them.',
        expect.stringMatching(
          /^Keep \S+ until every database is adopted: `tidemark import --adopt` reads it\.$/,
        ),
        'Next: `tidemark status --dir tidemark`, then `tidemark plan --dir tidemark`.',
      ],
    })
    expect(await readFile(join(project.folder, 'tidemark.config.json'), 'utf8')).toBe(
      '{\n  "migrations": "tidemark",\n  "schema": "tidemark"\n}\n',
    )
    const { counts } = JSON.parse((await project.run(['status', '--json'])).stdout)
    expect(counts.applied).toBe(applied)
    const columns =
      "SELECT count(*)::int FROM pg_attribute WHERE attrelid = 'public.schema_migrations'::regclass"
    expect(await query(`${columns} AND attname = 'up_sql'`)).toEqual([{ count: 0 }])
  })

  test('a JSON configuration gets the schema, and stays as it is otherwise', async () => {
    await open(format, HISTORIES[format]?.[0] ?? '')
    await project.write('tidemark.config.json', '{\n\t"migrations": "tidemark", "commits": "each"\n}\n')
    const { code, stdout } = await project.run(['import', '--adopt', '--json'])
    expect({ code, ...JSON.parse(stdout).adoption }).toMatchObject({
      code: 0,
      schema: 'tidemark',
      configuration: 'tidemark.config.json',
    })
    expect(await readFile(join(project.folder, 'tidemark.config.json'), 'utf8')).toBe(
      '{\n\t"schema": "tidemark",\n\t"migrations": "tidemark", "commits": "each"\n}\n',
    )
    const again = await project.run(['import', '--adopt', '--json'])
    expect(JSON.parse(again.stdout).adoption).toMatchObject({ recorded: [], configuration: null })
  })
})

test('adopting again records what the other tool has applied since', async () => {
  await open('dbmate', HISTORIES['dbmate']?.[0] ?? '')
  await adopt()
  await query(`INSERT INTO schema_migrations VALUES ('20240104000000')`)
  const { stdout } = await adopt('--json')
  expect(JSON.parse(stdout).adoption).toMatchObject({
    table: 'public.schema_migrations',
    recorded: ['20240104000000_no_marker'],
    unknown: [],
  })
  expect(new Set(Object.values(await states()))).toEqual(new Set(['applied']))
})

test('adopting again calls nothing pending that a run has applied since', async () => {
  await open('dbmate', HISTORIES['dbmate']?.[0] ?? '')
  const first = await adopt()
  expect(first.stdout).toMatch(/20240104000000_no_marker +pending/)
  const again = await adopt()
  expect(again.stdout).toMatch(/20240104000000_no_marker +there already, irreversible/)
})

test('a gap in the history is reported and stays pending', async () => {
  await open(
    'dbmate',
    `CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
     INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240103000000'), ('1999');`,
  )
  const { stdout } = await adopt()
  expect(stdout).toContain('"20240102000000_users_index" is not applied, but migrations after it are')
  expect(stdout).toContain('"public.schema_migrations" has what no file has: 1999')
  expect(await states()).toMatchObject({
    '20240101000000_users': 'applied',
    '20240102000000_users_index': 'pending',
    '20240103000000_add_posts': 'applied',
  })
})

test('a dry run records nothing and writes no file', async () => {
  await open('dbmate', HISTORIES['dbmate']?.[0] ?? '')
  const { stdout } = await adopt('--dry-run')
  expect(stdout).toContain('3 migrations applied by dbmate, 3 to record\nNothing was written.')
  expect(await query(`SELECT to_regnamespace('tidemark') AS tidemark`)).toEqual([{ tidemark: null }])
  expect((await project.run(['validate', '--dir', 'tidemark'])).code).toBe(2)
})

describe('nothing is written', () => {
  async function refused(...more: string[]): Promise<string> {
    const { code, stderr } = await project.run(['import', '--adopt', '--out', 'tidemark', ...more])
    expect(code).toBe(2)
    expect((await project.run(['validate', '--dir', 'tidemark'])).stderr).toContain('TM7020')
    return stderr
  }

  test('when the schema that was chosen has the other table', async () => {
    await open('dbmate', HISTORIES['dbmate']?.[0] ?? '')
    const help = 'then import again; its table stays as it is\n'
    const refusal = `error TM3001: "public.schema_migrations" is the other tool's: the tracking tables need another schema\nhelp: `
    expect(await refused('--schema', 'public')).toBe(`${refusal}give \`--schema tidemark\`, ${help}`)
    await project.write('tidemark.config.json', '{ "schema": "public" }')
    expect(await refused()).toBe(`${refusal}set \`schema\` to "tidemark" in "tidemark.config.json", ${help}`)
  })

  test('when the configuration is code, which is not edited', async () => {
    await open('dbmate', HISTORIES['dbmate']?.[0] ?? '')
    await project.write('tidemark.config.mjs', 'export default {}')
    expect(await refused()).toBe(
      `error TM3001: "public.schema_migrations" is the other tool's: the tracking tables need another schema
help: add \`schema: 'tidemark'\` to "tidemark.config.mjs", then import again; its table stays as it is
`,
    )
  })

  test('when there is no such database', async () => {
    await open('dbmate', 'SELECT 1')
    const gone = new URL(project.database)
    gone.pathname = '/gone'
    const { code, stderr } = await project.run(['import', '--adopt', '--database-url', gone.href])
    expect({ code, stderr: stderr.replace(gone.host, '<host>') }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error TM5001: .*"gone" does not exist/),
    })
  })

  test('when there is no such table', async () => {
    await open('goose', 'SELECT 1')
    expect(await refused('--schema', 'tidemark')).toBe(
      `error TM7034: there is no table "public.goose_db_version"
help: check that this is the database that the other tool migrated, or name its table with \`--table SCHEMA.NAME\`
`,
    )
  })

  test('when a migration is half applied', async () => {
    await open(
      'golang-migrate',
      `CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
       INSERT INTO schema_migrations VALUES (2, true);`,
    )
    expect(await refused('--schema', 'tidemark')).toBe(
      `error TM7034: "public.schema_migrations" says that version 2 is dirty: it failed half way
help: fix the database by hand, run \`migrate force VERSION\`, and import again
`,
    )
  })

  test('for plain files, which have no table', async () => {
    await open('plain', 'SELECT 1')
    expect(await refused('--schema', 'tidemark')).toContain('`tidemark baseline --through ID')
  })
})

test('the table may have another name, and be in another schema', async () => {
  await open(
    'goose',
    `CREATE SCHEMA ops; CREATE TABLE ops.versions (id int, version_id bigint, is_applied boolean);
     INSERT INTO ops.versions VALUES (1, 1, true);`,
  )
  const { stdout } = await adopt('--table', 'ops.versions', '--json')
  expect(JSON.parse(stdout).adoption).toMatchObject({ table: 'ops.versions', recorded: ['00001_users'] })
})
