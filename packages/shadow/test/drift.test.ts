import {
  describeCatalogDifference,
  type Migration,
  type MigrationDatabase,
  MigrationRunner,
  ok,
} from '@tidemark/core'
import { createServerDatabase } from '@tidemark/pg-driver'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkDrift, type DriftOptions, type DriftReport } from '../src/index.ts'
import { chain, migration } from './support/migrations.ts'

const SHOP = chain({
  '001_roles': `DO $$ BEGIN CREATE ROLE drift_app; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
    DO $$ BEGIN CREATE ROLE drift_report; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;`,
  '002_users': `CREATE TYPE plan AS ENUM ('free', 'paid');
    CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, plan plan DEFAULT 'free', note text);
    CREATE INDEX users_plan_idx ON users (plan) WHERE plan = 'paid';
    ALTER TABLE users ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON users FOR SELECT TO drift_app USING (email = current_user);
    GRANT SELECT, INSERT ON users TO drift_app;
    COMMENT ON TABLE users IS 'People';`,
  '003_orders': `CREATE SCHEMA sales;
    CREATE TABLE sales.orders (id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, cents int CHECK (cents > 0), at date NOT NULL DEFAULT '2026-01-01');
    CREATE FUNCTION sales.total(u bigint) RETURNS bigint LANGUAGE sql STABLE AS $$SELECT sum(cents) FROM sales.orders WHERE user_id = u$$;
    CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.at := now(); RETURN NEW; END$$;
    CREATE TRIGGER touch BEFORE UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.touch();
    CREATE VIEW sales.big AS SELECT o.id, u.email FROM sales.orders o JOIN users u ON u.id = o.user_id WHERE o.cents > 1000;
    CREATE DOMAIN sales.code AS text CHECK (VALUE ~ '^[A-Z]+$');
    ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO drift_report;
    CREATE SEQUENCE sales.numbers;`,
  '004_events': `CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
    CREATE INDEX events_at_idx ON events (at);
    CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    INSERT INTO users (email) VALUES ('ada@example.org');`,
  '005_load': 'COPY users (email) FROM stdin;\nbob@example.org\n\\.\nALTER TABLE users ADD since date;',
})

const SCOPE = { excludeObjects: ['public.events_20*'] }

/** What somebody does by hand, and how it is reported. */
const PLANTED: readonly (readonly [what: string, statement: string, says: string])[] = [
  ['an added column', 'ALTER TABLE users ADD hotfix int', 'column public.users.hotfix was added'],
  ['a dropped index', 'DROP INDEX users_plan_idx', 'index public.users_plan_idx is missing'],
  [
    'a changed function',
    'CREATE OR REPLACE FUNCTION sales.total(u bigint) RETURNS bigint LANGUAGE sql STABLE AS $$SELECT 0::bigint$$',
    'function sales.total(bigint): definition differs',
  ],
  [
    'a new policy',
    'CREATE POLICY everybody ON users USING (true)',
    'policy public.users everybody was added',
  ],
  [
    'a disabled trigger',
    'ALTER TABLE sales.orders DISABLE TRIGGER touch',
    'trigger sales.orders touch: state is "disabled" instead of enabled',
  ],
  [
    'a changed grant',
    'GRANT DELETE ON users TO drift_app',
    'table public.users: privileges of drift_app are "DELETE, INSERT, SELECT" instead of "INSERT, SELECT"',
  ],
  [
    'a constraint that is not validated',
    'ALTER TABLE sales.orders DROP CONSTRAINT orders_cents_check, ADD CONSTRAINT orders_cents_check CHECK (cents > 0) NOT VALID',
    'constraint sales.orders orders_cents_check: definition is "CHECK ((cents > 0)) NOT VALID" instead of "CHECK ((cents > 0))"',
  ],
  [
    'an index that is not valid',
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'sales.orders_pkey'::regclass",
    'index sales.orders_pkey: validity is "invalid" instead of valid',
  ],
  [
    'a changed default',
    "ALTER TABLE users ALTER plan SET DEFAULT 'paid'",
    `column public.users.plan: default is "'paid'::public.plan" instead of "'free'::public.plan"`,
  ],
  [
    'a dropped NOT NULL',
    'ALTER TABLE sales.orders ALTER at DROP NOT NULL',
    'column sales.orders.at: not null is no instead of yes',
  ],
  [
    'row security that is off',
    'ALTER TABLE users DISABLE ROW LEVEL SECURITY',
    'table public.users: row security is disabled instead of "enabled"',
  ],
  [
    'a changed policy',
    'ALTER POLICY own ON users USING (true)',
    `policy public.users own: using is "true" instead of "(email = CURRENT_USER)"`,
  ],
  [
    'a changed view',
    'CREATE OR REPLACE VIEW sales.big AS SELECT o.id, u.email FROM sales.orders o JOIN users u ON u.id = o.user_id WHERE o.cents > 5',
    'view sales.big: query differs',
  ],
  [
    'a label of an enum',
    "ALTER TYPE plan ADD VALUE 'team'",
    `enum public.plan: labels are "'free', 'paid', 'team'" instead of "'free', 'paid'"`,
  ],
  [
    'a dropped constraint of a domain',
    'ALTER DOMAIN sales.code DROP CONSTRAINT code_check',
    'domain constraint sales.code code_check is missing',
  ],
  [
    'disabled triggers of a foreign key',
    'ALTER TABLE sales.orders DISABLE TRIGGER ALL; ALTER TABLE sales.orders ENABLE TRIGGER touch; ALTER TABLE sales.orders DISABLE TRIGGER touch',
    'constraint sales.orders orders_user_id_fkey: foreign key triggers are "not all enabled" instead of enabled',
  ],
  [
    'default privileges',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA sales REVOKE SELECT ON TABLES FROM drift_report',
    'default privileges for the migrating role in sales on tables are missing',
  ],
  ['a table in a schema of ours', 'CREATE TABLE sales.copy (a int)', 'table sales.copy was added'],
  [
    'a changed type',
    'ALTER TABLE users ALTER note TYPE varchar(10)',
    'column public.users.note: type is "character varying(10)" instead of "text"',
  ],
  [
    'a sequence that counts otherwise',
    'ALTER SEQUENCE sales.numbers INCREMENT 5',
    'sequence sales.numbers: sequence is "as bigint start 1 increment 5 minimum 1 maximum 9223372036854775807 cache 1" instead of "as bigint start 1 increment 1 minimum 1 maximum 9223372036854775807 cache 1"',
  ],
]

const NO_DRIFT = [
  "INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 50) n",
  'ANALYZE',
  'VACUUM users',
  "SELECT nextval('sales.numbers')",
  'REINDEX TABLE users',
  "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
  'CREATE TABLE somebody_elses (a int)',
]

describe('drift of a database on a server', () => {
  let database: TestDatabase
  let target: MigrationDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    target = createServerDatabase({ database: database.url })
    await runAll(target, SHOP)
    for (const statement of NO_DRIFT) await database.query(statement)
  })
  afterAll(() => database.drop())

  const look = async (options: Omit<DriftOptions, 'reader'> = {}): Promise<DriftReport> => {
    const reader = await target.openReader()
    try {
      return await checkDrift({ reader, scope: SCOPE, ...options })
    } finally {
      await reader.close()
    }
  }
  const sentences = ({ drift }: DriftReport) =>
    drift.flatMap(({ difference }) => describeCatalogDifference(difference))

  test('is none after rows, ANALYZE, VACUUM, REINDEX, moving sequences and partitions by a declared pattern', async () => {
    const report = await look()
    expect(sentences(report)).toEqual([])
    expect(report).toMatchObject({ notChecked: [], accepted: [], outdated: [] })
    expect(report.notOurs).toEqual(['table public.somebody_elses'])
  })

  test('has a partition that no pattern declares', async () => {
    expect(sentences(await look({ scope: {} }))).toEqual(['table public.events_2026 was added'])
  })

  test('has each of twenty changes by hand, by name, and nothing else', async () => {
    for (const [, statement] of PLANTED) await database.query(statement)
    const report = await look()
    expect(sentences(report).sort()).toEqual(PLANTED.map(([, , says]) => says).sort())
    for (const { sql, object, difference } of report.drift) {
      if (difference.change === 'removed' || sql === null) continue
      expect([object, (await database.query(sql)).length > 0]).toEqual([object, true])
    }
  })

  test('that was accepted is left out while it has the same value, and is drift again with another', async () => {
    const { drift } = await look()
    const column = drift.find(({ object }) => object === 'column public.users.note')
    const index = drift.find(({ object }) => object === 'index public.users_plan_idx')
    if (column === undefined || index === undefined) throw new TypeError('both were planted')
    const accepted = [column, index].map(({ object, value }) => ({ object, value, reason: 'agreed' }))
    const report = await look({ accepted })
    expect(report.accepted).toEqual(accepted)
    expect(report.drift).toHaveLength(drift.length - 2)
    await database.query('ALTER TABLE users ALTER note TYPE varchar(11)')
    const again = await look({ accepted })
    expect(again.accepted.map(({ object }) => object)).toEqual(['index public.users_plan_idx'])
    expect(again.outdated.map(({ object }) => object)).toEqual(['column public.users.note'])
    expect(again.drift.map(({ object }) => object)).toContain('column public.users.note')
  })
})

describe('a database whose migrations cannot all run on the shadow', () => {
  test('is not said to be without drift: what could not be checked is named', async () => {
    const database = await createTestDatabase()
    const target = createServerDatabase({ database: database.url })
    const migrations = [
      migration('001_link', 'CREATE EXTENSION dblink; CREATE TABLE linked (a int);'),
      migration('002_people', 'CREATE TABLE people (name text);'),
      migration(
        '003_needs_rows',
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM people) THEN RAISE 'no people'; END IF; END $$;",
        ['002_people'],
      ),
      migration('004_after', 'CREATE INDEX people_name_idx ON people (name);', ['003_needs_rows']),
      migration('005_tags', 'CREATE TABLE tags (a int);'),
    ]
    await runAll(target, migrations.slice(0, 2))
    await database.query("INSERT INTO people VALUES ('ada')")
    await runAll(target, migrations)
    await database.query('ALTER TABLE tags ADD hotfix int')
    const reader = await target.openReader()
    const report = await checkDrift({ reader })
    await reader.close()
    expect(report.notChecked.map(({ migrationId }) => migrationId).sort()).toEqual([
      '001_link',
      '003_needs_rows',
      '004_after',
    ])
    expect(report.notChecked.map(({ why }) => why).join('\n')).toMatch(
      /needs the extension "dblink"[\s\S]*|fails on an empty database[\s\S]*depends on "003_needs_rows"/,
    )
    expect(report.drift.map(({ object }) => object)).toContain('column public.tags.hotfix')
    await database.drop()
  })
})

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
