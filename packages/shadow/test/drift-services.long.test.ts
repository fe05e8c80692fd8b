import { type Migration, type MigrationDatabase, MigrationRunner, ok } from '@tidemark/core'
import { createServerDatabase } from '@tidemark/pg-driver'
import { connectToServer, openWire } from '@tidemark/pg-driver/engine'
import { createTestDatabase, startServer, type TestServer } from '@tidemark/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AcceptedDrift, checkDrift, type DriftReport, draftBaseline } from '../src/index.ts'
import { chain } from './support/migrations.ts'

/** Roles are the same for a whole server: this one is no other test's. */
let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.remove())

const SHOP = chain({
  '001_users': `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL);
    CREATE INDEX users_email ON users (email);
    CREATE EXTENSION pgcrypto;`,
  '002_grant': 'GRANT SELECT ON users TO reporting; REVOKE CREATE ON SCHEMA public FROM PUBLIC;',
})

/** What a service has in the database of a customer before any migration, and what it adds later. */
interface Service {
  readonly name: string
  readonly before: string
  readonly later: string
}

const SERVICES: readonly Service[] = [
  {
    name: 'Amazon RDS and Aurora',
    before: `CREATE ROLE rdsadmin SUPERUSER; CREATE ROLE rds_superuser; CREATE ROLE rds_password; CREATE ROLE rds_replication;
      CREATE ROLE rds_iam; GRANT pg_monitor, pg_signal_backend, rds_password, rds_replication TO rds_superuser WITH ADMIN OPTION;
      GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset() TO rds_superuser;
      GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO rds_superuser;
      REVOKE EXECUTE ON FUNCTION pg_catalog.lo_import(text) FROM PUBLIC;`,
    later: `SET ROLE rdsadmin;
      CREATE SCHEMA aws_commons; CREATE TYPE aws_commons._s3_uri_1 AS (bucket text, file_path text, region text);
      CREATE FUNCTION aws_commons.create_s3_uri(text, text, text) RETURNS aws_commons._s3_uri_1 LANGUAGE sql AS 'SELECT ROW($1, $2, $3)::aws_commons._s3_uri_1';
      CREATE SCHEMA aws_s3; CREATE FUNCTION aws_s3.query_export_to_s3(query text, s3_info aws_commons._s3_uri_1) RETURNS void LANGUAGE sql AS 'SELECT';
      CREATE SCHEMA aws_lambda; CREATE SCHEMA rds_tools; CREATE SCHEMA apg_plan_mgmt;
      CREATE TABLE apg_plan_mgmt.plans (sql_hash int, plan_hash int, plan_outline text);
      CREATE TABLE rds_tools.role_attributes (name text PRIMARY KEY);
      CREATE SCHEMA rdsadmin; CREATE FUNCTION rdsadmin.guard() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
      CREATE EVENT TRIGGER rds_guard ON ddl_command_start EXECUTE FUNCTION rdsadmin.guard();
      GRANT USAGE ON SCHEMA aws_s3, aws_commons TO rds_superuser;`,
  },
  {
    name: 'Neon',
    before: `CREATE ROLE cloud_admin SUPERUSER; CREATE ROLE neon_superuser CREATEDB CREATEROLE BYPASSRLS; CREATE ROLE authenticator;
      GRANT pg_read_all_data, pg_write_all_data, pg_monitor TO neon_superuser;
      GRANT CREATE ON SCHEMA public TO neon_superuser;
      ALTER DEFAULT PRIVILEGES FOR ROLE cloud_admin IN SCHEMA public GRANT ALL ON TABLES TO neon_superuser WITH GRANT OPTION;
      ALTER DEFAULT PRIVILEGES FOR ROLE cloud_admin IN SCHEMA public GRANT ALL ON SEQUENCES TO neon_superuser WITH GRANT OPTION;`,
    later: `SET ROLE cloud_admin;
      CREATE SCHEMA neon_migration; CREATE TABLE neon_migration.migration_id (key int PRIMARY KEY, id bigint NOT NULL DEFAULT 0);
      CREATE SCHEMA neon; CREATE FUNCTION neon.pg_cluster_size() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
      CREATE VIEW neon.neon_stat_file_cache AS SELECT 1 AS file_cache_misses;
      CREATE SCHEMA neon_auth AUTHORIZATION neon_superuser;
      CREATE TABLE neon_auth.users_sync (raw_json jsonb NOT NULL, id text GENERATED ALWAYS AS (raw_json ->> 'id') STORED PRIMARY KEY, deleted_at timestamptz);
      CREATE INDEX users_sync_deleted_at_idx ON neon_auth.users_sync (deleted_at);`,
  },
  {
    name: 'Google Cloud SQL',
    before: `CREATE ROLE cloudsqladmin SUPERUSER; CREATE ROLE cloudsqlsuperuser CREATEDB CREATEROLE; CREATE ROLE cloudsqlagent;
      CREATE ROLE cloudsqlimportexport; CREATE ROLE cloudsqlreplica REPLICATION; CREATE ROLE cloudsqliamuser; CREATE ROLE cloudsqllogical REPLICATION;
      GRANT pg_monitor, pg_signal_backend TO cloudsqlsuperuser;
      ALTER SCHEMA public OWNER TO cloudsqlsuperuser;
      GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset() TO cloudsqlsuperuser;
      GRANT SELECT ON pg_catalog.pg_shadow TO cloudsqlsuperuser;`,
    later: `SET ROLE cloudsqladmin;
      CREATE SCHEMA google_vacuum_mgmt; CREATE FUNCTION google_vacuum_mgmt.list_xid_holders() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE SCHEMA google_ml; CREATE TABLE google_ml.models (model_id text PRIMARY KEY, model_request_url text);
      CREATE FUNCTION google_ml.embedding(model_id text, content text) RETURNS real[] LANGUAGE sql AS 'SELECT ARRAY[1::real]';
      CREATE SCHEMA google_db_advisor; CREATE TABLE google_db_advisor.recommendations (id int);
      CREATE SCHEMA ai; CREATE VIEW ai.models AS SELECT * FROM google_ml.models;
      CREATE SCHEMA cloudsql;`,
  },
]

test.each(SERVICES)(
  'what $name keeps in a database is no drift, and in no first migration; a change by hand is',
  async ({ before, later }) => {
    const database = await createTestDatabase({ server })
    await database.query(
      `DO $$ BEGIN CREATE ROLE reporting; EXCEPTION WHEN duplicate_object THEN END $$; ${before}`,
    )
    const target = createServerDatabase({ database: database.url })
    await runAll(target, SHOP)
    await database.query(later)

    const clean = await look(target)
    expect(clean).toMatchObject({ drift: [], notChecked: [] })
    expect(
      clean.notOurs.filter((object) =>
        /aws|rds_tools|apg_|neon_(?:auth|migration)|google|\bai\b/.test(object),
      ),
    ).toEqual([])

    await database.query(
      'DROP INDEX users_email; ALTER TABLE users ADD hotfix int; GRANT DELETE ON users TO reporting',
    )
    const found = await look(target)
    expect(found.drift.map(({ object }) => object)).toEqual([
      'column public.users.hotfix',
      'index public.users_email',
      'table public.users',
    ])

    // What is accepted stays accepted: over runs.
    const accepted = found.drift.map(({ object, value }) => ({ object, value, reason: 'agreed' }))
    await database.query("ANALYZE; INSERT INTO users (email) VALUES ('ada'); REINDEX TABLE users")
    for (let run = 0; run < 2; run += 1)
      expect(await look(target, accepted)).toMatchObject({ drift: [], accepted, outdated: [] })

    // Nor is it in a first migration.
    const options = { url: database.url, applicationName: 'test', timeoutMs: 0 }
    const live = { connect: () => connectToServer(options), openWire: () => openWire(options) }
    const draft = await draftBaseline({ live, path: 'migrations/001_baseline.sql' })
    expect(
      draft.text.split('\n').filter((line) => /aws|rds|apg_|neon|cloud|google|\bai\b/.test(line)),
    ).toEqual([])
    expect(draft.proof).toMatchObject({ kind: 'equal' })
  },
)

async function look(
  target: MigrationDatabase,
  accepted: readonly AcceptedDrift[] = [],
): Promise<DriftReport> {
  const reader = await target.openReader()
  try {
    return await checkDrift({ reader, accepted })
  } finally {
    await reader.close()
  }
}

async function runAll(database: MigrationDatabase, migrations: readonly Migration[]): Promise<void> {
  await new MigrationRunner({
    database,
    migrations: { readMigrations: async () => ok({ migrations, notes: [] }) },
    lockWaitMs: 0,
    executedBy: 'ada@laptop',
    toolVersion: '1.0.0',
    newRunId: () => crypto.randomUUID(),
  }).runMigrations()
}
