import { connectToServer } from '@tidemark/pg-driver/engine'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { calibrate, type RehearsalReport, readQueries } from '../../src/index.ts'
import { chain, migration, migrationOf } from '../support/migrations.ts'
import { applyTo, linesOf, rehearseOn, statementsOf } from './support.ts'

const SHOP = chain({
  '001_users': `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name text);
    CREATE TABLE orders (id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, cents int, note varchar(20));
    CREATE INDEX orders_user_idx ON orders (user_id);`,
  '002_report': `CREATE VIEW report AS SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.user_id;
    CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
    CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE MATERIALIZED VIEW totals AS SELECT user_id, count(*) AS n FROM orders GROUP BY user_id;
    CREATE UNIQUE INDEX ON totals (user_id);`,
})
const after = (id: string, up: string, dependsOn = '002_report') => migration(id, up, [dependsOn])

describe('a rehearsal', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    await applyTo(database, SHOP)
    await database.query(`INSERT INTO users (email) SELECT 'u' || g FROM generate_series(1, 20000) g;
      INSERT INTO orders (user_id, cents) SELECT g, g FROM generate_series(1, 20000) g;
      INSERT INTO events SELECT 1, '2025-05-05' FROM generate_series(1, 500); REFRESH MATERIALIZED VIEW totals; ANALYZE`)
  })
  afterAll(() => database.drop())

  test('tells what the plan does to what is there, by the names it has there', async () => {
    const report = await rehearseOn(database, [
      ...SHOP,
      after('003_rewrite', 'ALTER TABLE orders ALTER COLUMN cents TYPE bigint;'),
      migrationOf('004_index', {
        up: 'CREATE INDEX CONCURRENTLY orders_cents_idx ON orders (cents);\nALTER TABLE users ADD COLUMN age int;',
        dependsOn: ['003_rewrite'],
        transaction: 'none',
      }),
      after(
        '005_rename',
        'ALTER TABLE users RENAME TO people;\nCREATE INDEX people_name_idx ON people (name);\nCREATE TABLE extra (id int);\nCREATE INDEX ON extra (id);',
        '004_index',
      ),
      after(
        '006_parts',
        'ALTER TABLE events ADD COLUMN kind text;\nREFRESH MATERIALIZED VIEW totals;\nTRUNCATE events;\nUPDATE orders SET note = NULL;\nDO $$ BEGIN ALTER TABLE orders ADD CHECK (cents > 0); END $$;',
        '005_rename',
      ),
      migrationOf('007_drop', {
        up: 'DROP INDEX CONCURRENTLY orders_user_idx;\nVACUUM FULL events_2025;',
        dependsOn: ['006_parts'],
        transaction: 'none',
      }),
    ])
    expect(statementsOf(report)).toEqual([
      '003_rewrite ran',
      ' 0; ACCESS EXCLUSIVE public.orders seen; rewrite orders 20000; everybody',
      '004_index ran',
      ' 0; SHARE UPDATE EXCLUSIVE public.orders by_manual; index_build orders 20000; nobody',
      ' 1; ACCESS EXCLUSIVE public.users seen; everybody',
      '005_rename ran',
      ' 0; ACCESS EXCLUSIVE public.users seen; everybody',
      ' 1; index_build users 20000; everybody',
      ' 2; everybody',
      ' 3; everybody',
      '006_parts ran',
      ' 0; ACCESS EXCLUSIVE public.events seen; ACCESS EXCLUSIVE public.events_2025 seen; everybody',
      ' 1; ACCESS SHARE public.orders seen; ACCESS EXCLUSIVE public.totals seen; rewrite totals 20000; scan orders 20000; everybody',
      ' 2; everybody',
      ' 3; ROW EXCLUSIVE public.orders seen; changes_rows orders 20000; everybody',
      ' 4; ACCESS EXCLUSIVE public.orders seen; scan orders 20000; everybody',
      '007_drop ran',
      ' 0; SHARE UPDATE EXCLUSIVE public.orders by_manual; nobody',
      ' 1; ACCESS EXCLUSIVE public.events_2025 by_manual; rewrite events_2025 500; everybody',
    ])
    expect(linesOf(report)).toEqual([])
  })

  test('is of the schema as it is: what differs is said first, and made on the copy', async () => {
    const other = await createTestDatabase()
    await applyTo(other, SHOP)
    await other.query(`ALTER TABLE users ADD hotfix int NOT NULL DEFAULT 7; ALTER TABLE orders ALTER note TYPE text;
      DROP INDEX orders_user_idx; CREATE TYPE mood AS ENUM ('sad', 'happy');
      CREATE SCHEMA legacy; CREATE TABLE legacy.old (id serial PRIMARY KEY, m mood, u bigint REFERENCES users);
      CREATE FUNCTION legacy.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER touch BEFORE UPDATE ON legacy.old FOR EACH ROW EXECUTE FUNCTION legacy.touch();
      CREATE INDEX old_idx ON legacy.old (m) WHERE m = 'sad'; CREATE VIEW legacy.sad AS SELECT id FROM legacy.old WHERE m = 'sad';
      ALTER TABLE legacy.old ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON legacy.old FOR SELECT USING (id > 0);
      CREATE TABLE legacy.parts (id int, at date) PARTITION BY LIST (id); CREATE TABLE legacy.part1 PARTITION OF legacy.parts FOR VALUES IN (1);
      CREATE DOMAIN legacy.code AS text CHECK (VALUE <> ''); CREATE MATERIALIZED VIEW legacy.mv AS SELECT 1 AS one`)
    const report = await rehearseOn(other, [
      ...SHOP,
      after(
        '003_legacy',
        'ALTER TABLE legacy.old ADD COLUMN c legacy.code;\nALTER TABLE users DROP COLUMN hotfix;',
      ),
    ])
    await other.drop()
    expect(report.differences).toEqual([])
    expect(report.drift.drift.map(({ object }) => object)).toEqual([
      'column public.orders.note',
      'column public.users.hotfix',
      'index public.orders_user_idx',
    ])
    expect(linesOf(report)).toEqual([
      'warning drift: 3 objects are not as the migrations make them: the rehearsal is of the schema as it is',
    ])
  })

  test('names what fails there, and leaves out what needs it', async () => {
    const report = await rehearseOn(database, [
      ...SHOP,
      after('003_typo', 'ALTER TABLE userz ADD COLUMN a int;'),
      after('004_needs', 'SELECT 1;', '003_typo'),
      after('005_role', 'GRANT SELECT ON users TO nobody_knows_me;'),
      after('006_extension', 'CREATE EXTENSION no_such_extension;'),
      after('011_elsewhere', 'CREATE EXTENSION dblink;'),
      after('007_rows', `INSERT INTO orders (user_id) VALUES (1);`),
      after(
        '008_raises',
        `DO $$ BEGIN IF NOT EXISTS (SELECT FROM users) THEN RAISE 'no users'; END IF; END $$;`,
      ),
      after('009_fine', 'COPY users (email) FROM stdin;\nada@example.org\n\\.\n'),
      migrationOf('010_none', {
        up: 'ALTER TABLE users ADD COLUMN b int;\nALTER TABLE users ADD COLUMN b int;',
        dependsOn: ['002_report'],
        transaction: 'none',
      }),
    ])
    expect(linesOf(report)).toEqual([
      'error does-not-run 003_typo: "003_typo" fails: relation "userz" does not exist',
      'error does-not-run 005_role: "005_role" names the role "nobody_knows_me", which the target does not have',
      'error does-not-run 006_extension: "006_extension" creates the extension "no_such_extension", which the server of the target does not have',
      'error does-not-run 010_none: "010_none" fails: column "b" of relation "users" already exists',
      'not rehearsed 004_needs: depends on "003_typo", which did not run',
      'not rehearsed 007_rows: fails on a copy without rows: insert or update on table "orders" violates foreign key constraint "orders_user_id_fkey"',
      'not rehearsed 008_raises: fails on a copy without rows: no users',
      'not rehearsed 011_elsewhere: needs the extension "dblink", which this shadow does not have',
    ])
    const places = report.findings.map(({ error }) => [error?.location?.line, error?.details['index']])
    expect(places).toEqual([
      [3, 1],
      [undefined, undefined],
      [undefined, undefined],
      [5, 2],
    ])
  })

  test('estimates durations only by what was measured on that server', async () => {
    const pending = [...SHOP, after('003_rewrite', 'ALTER TABLE orders ALTER COLUMN cents TYPE bigint;')]
    const connection = await connectToServer({
      url: database.url,
      applicationName: 'test',
      timeoutMs: 10_000,
    })
    const speed = await calibrate(connection)
    expect(speed.basis).toEqual({ kind: 'calibrated' })
    expect(
      (await connection.query("SELECT to_regclass('pg_temp.tidemark_calibration') AS left")).rows,
    ).toEqual([{ left: null }])
    const durations = ({ migrations }: RehearsalReport) =>
      migrations.map(({ statements }) => {
        const { lowMs, highMs } = statements[0]?.duration ?? { lowMs: Number.NaN, highMs: Number.NaN }
        return [lowMs.toFixed(3), highMs.toFixed(3)]
      })
    const range = (low: number, high: number) => [[low.toFixed(3), high.toFixed(3)]]
    const unknown = await rehearseOn(database, pending)
    expect([unknown.speed, durations(unknown)]).toEqual([{ kind: 'unknown' }, [['NaN', 'NaN']]])
    const base = unknown.baseMs['003_rewrite'] ?? Number.NaN
    const measured = await rehearseOn(database, pending, { speed: { ...speed, factor: 2 } })
    expect([measured.speed, durations(measured)]).toEqual([{ kind: 'calibrated' }, range(base * 2, base * 6)])
    await connection.query(`UPDATE migration_history SET execution_time_ms = 1100,
      details = '{"rehearsed": {"baseMs": 250}, "lockWaits": [{"waitedMs": 100}]}' WHERE migration_id = '001_users'`)
    const known = await rehearseOn(database, pending)
    expect([known.speed, durations(known)]).toEqual([
      { kind: 'history', attempts: 1 },
      range((base * 4) / Math.sqrt(3), base * 4 * Math.sqrt(3)),
    ])
    await connection.query('UPDATE migration_history SET details = NULL')
    await connection.close()
  })

  test('takes the values of variables, and never a secret', async () => {
    const pending = [
      ...SHOP,
      migrationOf('003_variables', {
        up: `CREATE TABLE :"table_name" (id int);\nCOMMENT ON TABLE :"table_name" IS :'note';`,
        dependsOn: ['002_report'],
        variables: ['table_name', 'note secret'],
      }),
    ]
    const report = await rehearseOn(database, pending, { variables: { table_name: 'users', note: 'hush' } })
    expect(linesOf(report)).toEqual([
      'error does-not-run 003_variables: "003_variables" fails: relation "users" already exists',
    ])
  })

  test('tells which queries stop working', async () => {
    const text = `SELECT id, note FROM orders WHERE user_id = @user_id;
      INSERT INTO users (email, name) VALUES ($1, $2) ON CONFLICT (email) DO UPDATE SET name = excluded.name;
      INSERT INTO orders (user_id, cents) SELECT id, 1 FROM users;
      SELECT nothing FROM nowhere;
      UPDATE users SET name = $1 WHERE id = $2;`
    const pending = [
      ...SHOP,
      after(
        '003_breaks',
        `DROP VIEW report;\nDROP INDEX IF EXISTS x;\nALTER TABLE users DROP CONSTRAINT users_email_key;\nALTER TABLE orders DROP COLUMN note;\nALTER TABLE orders ADD COLUMN currency text NOT NULL;\nALTER TABLE users ALTER COLUMN name TYPE int USING 1;`,
      ),
    ]
    const { queries } = readQueries(text, 'q.sql')
    const report = await rehearseOn(database, pending, { queries })
    expect(report.queries).toMatchObject({
      compared: 4,
      notCompared: [{ why: 'relation "nowhere" does not exist' }],
    })
    expect(report.queries?.broken.map(({ source, why }) => `${source} ${why}`)).toEqual([
      'q.sql:1 column "note" does not exist',
      'q.sql:2 there is no unique or exclusion constraint matching the ON CONFLICT specification',
      'q.sql:3 it gives no value to public.orders.currency, which is required',
      'q.sql:5 the types of its parameters change from (text, bigint) to (integer, bigint)',
    ])
    const filled = await rehearseOn(
      database,
      [
        ...SHOP,
        after(
          '003_filled',
          `ALTER TABLE orders ADD COLUMN currency text NOT NULL;
           CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.currency := 'EUR'; RETURN NEW; END $$;
           CREATE TRIGGER fill BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION fill();`,
        ),
      ],
      { queries },
    )
    expect(filled.queries?.broken).toEqual([])
  })

  test('applies the rules of lint on waiting with the sizes of the target', async () => {
    const plan = [
      ...SHOP,
      after('003_new', 'CREATE TABLE fresh (id int PRIMARY KEY); UPDATE fresh SET id = 1;'),
      after('004_small', "UPDATE users SET name = 'x'; CREATE INDEX users_name ON users (name);"),
    ]
    expect(linesOf(await rehearseOn(database, plan))).toEqual([])
    await database.query(
      `ALTER TABLE users ADD COLUMN filler text; UPDATE users SET filler = repeat('x', 500); ANALYZE users`,
    )
    const report = await rehearseOn(database, plan, { scope: {} })
    expect(
      report.findings
        .filter(({ rule }) => rule !== 'drift')
        .map(({ rule, severity, details }) => [severity, rule, details]),
    ).toEqual([
      [
        'warning',
        'blocks-others',
        [
          'index-not-concurrent (lint)',
          'without harm:\n-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY users_name ON public.users USING btree (name);',
        ],
      ],
      ['warning', 'data-and-schema', expect.anything()],
      [
        'warning',
        'unbatched-dml',
        [
          "without harm:\n-- Batches: users by id\n-- @up\nUPDATE users SET name = 'x' WHERE id BETWEEN $1 AND $2;",
        ],
      ],
    ])
    const allowed = plan.map((one) =>
      one.id === '004_small'
        ? after(
            '004_small',
            "-- tidemark: allow unbatched-dml, data-and-schema: at night\nUPDATE users SET name = 'x'; CREATE INDEX users_name ON users (name);",
          )
        : one,
    )
    expect((await rehearseOn(database, allowed)).findings.map(({ rule }) => rule)).toEqual([
      'drift',
      'blocks-others',
    ])
    await database.query('ALTER TABLE users DROP COLUMN filler')
  })
})
