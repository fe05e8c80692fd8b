import { type BatchProgress, type RunEvent, savePlan } from '@tidemark/core'
import { afterEach, describe, expect, test } from 'vitest'
import { createHarness, type Harness, type SuiteEngine } from './engine-harness.ts'

/** A backfill that counts how often each row was touched. */
export function fill(key = 'id', more = ''): string {
  return `-- Batches: orders by ${key}${more}\n-- @up\nUPDATE orders SET touched = touched + 1 WHERE ${key} BETWEEN $1 AND $2;\n`
}

/** `ORDERS` with some keys: SQL of a set of values. */
export function orders(type: string, keys: string): string {
  return `CREATE TABLE orders (id ${type} NOT NULL, touched int NOT NULL DEFAULT 0);
    CREATE INDEX orders_id ON orders (id);
    INSERT INTO orders (id) ${keys}`
}

/** The batches of a run, as their rows. */
export function batchesOf(events: readonly RunEvent[]): readonly number[] {
  return events.flatMap((event) => (event.kind === 'batch_finished' ? [event.batchRows] : []))
}

/** Key types with the SQL of 250 keys, given a number `n`; every second one is left out. */
const KEYS: Readonly<Record<string, string>> = {
  smallint: '(n * 2)::smallint',
  integer: 'n * 1000003 % 100000 - 50000',
  bigint: '9223372036854775807 - n * 2',
  numeric: "('12345678901234567890.' || n)::numeric",
  'numeric(10,2)': 'n / 100.0',
  'double precision': '0.1::float8 + n / 3.0::float8',
  real: 'n / 7.0::float4',
  text: "chr(97 + n % 26) || '''\\' || n",
  'varchar(20)': "'K' || n",
  'char(12)': "'k' || n",
  'text COLLATE "C"': 'chr(65 + n % 58) || n',
  uuid: 'md5(n::text)::uuid',
  date: "date '2020-02-28' + n",
  timestamp: "timestamp '2024-10-27 00:00:00.123456' + n * interval '17 minutes'",
  timestamptz: "timestamptz '2024-10-27 00:00:00.123456+02' + n * interval '17 minutes'",
  interval: "n * interval '1 month 2 days 3.5 seconds'",
  bytea: "decode(lpad(to_hex(n), 4, '0'), 'hex')",
  boolean: 'n % 2 = 0',
  'integer[]': 'ARRAY[n, -n]',
  inet: "'10.0.0.0'::inet + n",
  jsonb: "jsonb_build_object('n', n)",
  mood: "(ARRAY['sad','ok','happy'])[1 + n % 3]::mood",
}

/** Migrations with `Batches`, on every engine. */
export function describeBatches(engine: SuiteEngine): void {
  describe(`batches on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (setup: string, text: string) => {
      harness = createHarness(await engine.create(), { '001_fill': text })
      await harness.database.query(setup)
      return harness
    }
    const touched = async (h: Harness) =>
      h.database.query<{ touched: number; rows: number }>(
        'SELECT touched, count(*)::int AS rows FROM orders GROUP BY 1 ORDER BY 1',
      )
    const progress = async (h: Harness) => {
      const [row] = await h.database.query<{ progress: BatchProgress | null }>(
        `SELECT progress FROM schema_migrations WHERE id = '001_fill'`,
      )
      return row?.progress ?? null
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })

    test.each(Object.entries(KEYS))('walks keys of the type %s, each row once', async (type, key) => {
      const h = await start(
        `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); ${orders(type, `SELECT ${key} FROM generate_series(1, 250) n`)}`,
        fill('id', ', size 40'),
      )
      await h.up()
      expect(await touched(h)).toEqual([{ touched: 1, rows: 250 }])
      expect(await h.rows()).toEqual(['001_fill completed'])
      expect(await progress(h)).toBeNull()
    })

    test('a size of the header is kept, and what was done is in the history', async () => {
      const h = await start(
        orders('int', 'SELECT n * 7 FROM generate_series(1, 250) n'),
        fill('id', ', size 100'),
      )
      await h.up()
      expect(batchesOf(h.events)).toEqual([100, 100, 50])
      const [attempt] = (await h.runner().history()).attempts
      expect(attempt?.details).toEqual({ batches: { rows: 250, batches: 3, walks: 1 } })
      const percents = h.events.flatMap((event) =>
        event.kind === 'batch_finished' ? [event.progress.percent] : [],
      )
      expect(percents).toEqual([39.8, 79.9, 100])
    })

    test('equal keys are in one batch, however many they are', async () => {
      const keys =
        'SELECT 5 FROM generate_series(1, 3000) UNION ALL SELECT n FROM generate_series(1, 4) n UNION ALL SELECT 6'
      const h = await start(orders('int', keys), fill('id', ', size 2'))
      await h.up()
      expect(batchesOf(h.events)).toEqual([2, 2, 3000, 1])
      expect(await touched(h)).toEqual([{ touched: 1, rows: 3005 }])
    })

    test('an empty table is done without a batch', async () => {
      const h = await start(orders('bigint', 'SELECT 1 WHERE false'), fill())
      await h.up()
      expect(batchesOf(h.events)).toEqual([])
      expect(await h.rows()).toEqual(['001_fill completed'])
    })

    test('it starts with 1,000 rows and takes at most twice as many next', async () => {
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 8000) n'), fill())
      await h.up({ batchTimeMs: 60_000 })
      expect(batchesOf(h.events)).toEqual([1000, 2000, 4000, 1000])
    })

    test('a batch that takes too long is followed by half as many, down to 100', async () => {
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 2000) n'), fill())
      await h.up({ batchTimeMs: 0 })
      expect(batchesOf(h.events)).toEqual([1000, 500, 250, 125, 100, 25])
    })

    test('rows that are added behind the last key meanwhile are taken, those behind the cursor are not', async () => {
      const h = await start(
        `${orders('int', 'SELECT n * 2 FROM generate_series(1, 10) n')};
         CREATE TABLE seen (n int);
         CREATE FUNCTION grow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           INSERT INTO seen SELECT 1;
           IF (SELECT count(*) FROM seen) = 2 THEN
             INSERT INTO orders VALUES (1, 0), (100, 0), (101, 0);
             DELETE FROM orders WHERE id IN (18, 20);
           END IF;
           RETURN NULL; END $$;
         CREATE TRIGGER grow AFTER UPDATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION grow()`,
        fill('id', ', size 4'),
      )
      await h.up()
      const rows = await h.database.query('SELECT id FROM orders WHERE touched <> 1 ORDER BY 1')
      expect(rows).toEqual([{ id: 1 }])
      expect((await h.runner().history()).attempts[0]?.details).toEqual({
        batches: { rows: 10, batches: 3, walks: 2 },
      })
    })

    test('a batch that fails is rolled back alone, and the next run goes on behind the last good one', async () => {
      const h = await start(
        orders('int', 'SELECT n FROM generate_series(1, 10) n'),
        '-- Batches: orders by id, size 3\n-- @up\nUPDATE orders SET touched = touched + 6 / (8 - id) / 100 + 1 WHERE id BETWEEN $1 AND $2;\n',
      )
      const error = await h.fail()
      expect([error.code, error.message, error.details['databaseState']]).toEqual([
        'TM5004',
        '"001_fill" statement 1 of 1: division by zero',
        '"001_fill" is done up to id = 6 (2 batches, 6 rows) and that stays; the next run continues after it.',
      ])
      expect(await h.rows()).toEqual(['001_fill failed'])
      expect(await progress(h)).toMatchObject({
        direction: 'up',
        cursor: '6',
        rows: 6,
        batches: 2,
        walks: 1,
        size: 3,
      })
      const state = (await h.runner().status()).states.get('001_fill')
      expect([state?.kind, state !== undefined && 'row' in state && state.row?.progress?.percent]).toEqual([
        'failed',
        55.6,
      ])
      h.files = { '001_fill': fill('id', ', size 3') }
      const plan = await h.runner().createMigrationPlan()
      expect(plan.steps.map((step) => step.kind === 'apply' && step.reason)).toEqual(['resumed'])
      expect(plan.findings.map(({ code, severity, message }) => [code, severity, message])).toEqual([
        [
          'TM4010',
          'warning',
          'the @up of "001_fill" has changed since it was partly done: up to id = 6 (6 rows) as it was before, the rest as it is now',
        ],
      ])
      await h.up()
      expect(batchesOf(h.events)).toEqual([3, 1])
      expect(await touched(h)).toEqual([{ touched: 1, rows: 10 }])
    })

    test('a syntax error is found before the first batch, at its place', async () => {
      const h = await start(
        orders('int', 'SELECT 1'),
        '-- Batches: orders by id\n-- @up\nUPDATE orders SET touched = 1\nWHERE nope BETWEEN $1 AND $2;\n',
      )
      const error = await h.fail()
      expect([error.message, error.location]).toEqual([
        '"001_fill" statement 1 of 1: column "nope" does not exist',
        { path: 'migrations/001_fill.sql', line: 4, column: 7 },
      ])
      expect(error.details['databaseState']).toBe('The database is unchanged by "001_fill" (rolled back).')
      expect(await progress(h)).toBeNull()
    })

    test('another key, or none, is refused while some of it is done', async () => {
      const broken =
        '-- Batches: orders by id, size 3\n-- @up\nUPDATE orders SET touched = 1 / (8 - id) WHERE id BETWEEN $1 AND $2;\n'
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 10) n'), broken)
      await h.fail()
      h.files = { '001_fill': 'UPDATE orders SET touched = 1;' }
      expect((await h.fail()).code).toBe('TM4010')
      h.files = { '001_fill': fill('other') }
      expect((await h.fail()).code).toBe('TM4010')
      await h.runner().mark({ ids: ['001_fill'], as: 'pending' })
      expect(await progress(h)).toBeNull()
      h.files = { '001_fill': fill() }
      await h.up()
      expect(await h.rows()).toEqual(['001_fill completed'])
    })

    test('@verify decides after the last batch; then the next run looks only for what was added', async () => {
      const h = await start(
        orders('int', 'SELECT n FROM generate_series(1, 10) n'),
        `${fill('id', ', size 4')}-- @verify\nSELECT count(*) = 0 FROM orders WHERE touched = 0;\nSELECT count(*) = 12 FROM orders;\n`,
      )
      const error = await h.fail()
      expect([error.code, error.message]).toEqual([
        'TM5005',
        '"001_fill" verify 2 of 2: failed: row 1 is false, not true',
      ])
      await h.database.query('INSERT INTO orders VALUES (11, 0), (12, 0)')
      await h.up()
      expect(batchesOf(h.events)).toEqual([2])
      expect(await touched(h)).toEqual([{ touched: 1, rows: 12 }])
    })

    test('several statements share each batch', async () => {
      const h = await start(
        `${orders('int', 'SELECT n FROM generate_series(1, 10) n')}; CREATE TABLE archive (id int)`,
        '-- Batches: orders by id, size 4\n-- @up\nINSERT INTO archive SELECT id FROM orders WHERE id BETWEEN $1 AND $2;\nDELETE FROM orders WHERE id BETWEEN $1 AND $2;\n-- @down\nINSERT INTO orders SELECT id FROM archive;\nDELETE FROM archive;\n',
      )
      await h.up()
      expect(batchesOf(h.events)).toEqual([8, 8, 4])
      expect(
        await h.database.query('SELECT count(*)::int AS n, count(DISTINCT id)::int AS d FROM archive'),
      ).toEqual([{ n: 10, d: 10 }])
      await h.runner().rollBack()
      expect(await h.database.query('SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 10 }])
    })

    test('@down with bounds is batched too, goes on after a failure, and up waits for it', async () => {
      const down = (value: string) =>
        `${fill('id', ', size 3')}-- @down\nUPDATE orders SET touched = touched - ${value} WHERE id BETWEEN $1 AND $2;\n`
      const h = await start(
        orders('int', 'SELECT n FROM generate_series(1, 10) n'),
        down('1 - 1 / (8 - id) / 100'),
      )
      await h.up()
      await expect(h.runner().rollBack()).rejects.toMatchObject({ code: 'TM5004' })
      expect(await progress(h)).toMatchObject({ direction: 'down', cursor: '6' })
      expect((await h.runner().status()).states.get('001_fill')?.kind).toBe('half_rolled_back')
      expect((await h.fail()).code).toBe('TM4009')
      h.files = { '001_fill': down('1') }
      const planned = await h.runner().rollBack({ source: 'files', dryRun: true })
      expect(planned.plan.findings.map(({ message }) => message)).toEqual([
        'the @down of "001_fill" has changed since it was partly done: up to id = 6 (6 rows) as it was before, the rest as it is now',
      ])
      await h.runner().rollBack({ source: 'files' })
      expect(await touched(h)).toEqual([{ touched: 0, rows: 10 }])
      expect(await h.rows()).toEqual(['001_fill rolled_back'])
      await h.up()
      expect(await touched(h)).toEqual([{ touched: 1, rows: 10 }])
    })

    test('redo goes back and forth in batches', async () => {
      const text = `${fill('id', ', size 3')}-- @down\nUPDATE orders SET touched = touched - 1 WHERE id BETWEEN $1 AND $2;\n`
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 10) n'), text)
      await h.up()
      const { done } = await h.runner().redo({ onEvent: (event) => h.events.push(event) })
      expect([done, await touched(h)]).toEqual([['001_fill', '001_fill'], [{ touched: 1, rows: 10 }]])
    })

    test('after the time for batches it stops cleanly, is pending, and goes on', async () => {
      const h = await start(
        orders('int', 'SELECT n FROM generate_series(1, 10) n'),
        fill('id', ', size 4, pause 1ms'),
      )
      const first = await h.up({}, { batchesForMs: 0 })
      expect([first.outcome, first.done, batchesOf(h.events), await h.rows()]).toEqual([
        'paused',
        [],
        [],
        ['001_fill pending'],
      ])
      expect((await h.runner().status()).pending).toEqual(['001_fill'])
      const second = await h.up({}, { batchesForMs: 600_000 })
      expect([second.outcome, batchesOf(h.events)]).toEqual(['done', [4, 4, 2]])
      expect(await touched(h)).toEqual([{ touched: 1, rows: 10 }])
    })

    test.each([
      ['CREATE TABLE orders (id int NOT NULL, touched int)', 'TM5070', 'no index of orders begins with id'],
      [
        'CREATE TABLE orders (id int, touched int, other int); CREATE INDEX i ON orders (other, id)',
        'TM5070',
        'no index of orders begins with id',
      ],
      [
        'CREATE TABLE orders (id int, touched int); CREATE INDEX i ON orders (id) WHERE id > 0; CREATE INDEX h ON orders USING hash (id)',
        'TM5070',
        'no index of orders begins with id',
      ],
      [
        'CREATE TABLE orders (id int UNIQUE, touched int); INSERT INTO orders VALUES (1), (NULL)',
        'TM5071',
        'orders has rows whose id is null',
      ],
      ['SELECT 1', 'TM5072', 'the table orders does not exist'],
      ['CREATE TABLE orders (other int PRIMARY KEY)', 'TM5072', 'the table orders has no column id'],
      ['CREATE VIEW orders AS SELECT 1 AS id, 2 AS touched', 'TM5070', 'no index of orders begins with id'],
    ])('%s: refused with %s', async (setup, code, why) => {
      const h = await start(setup, fill())
      const error = await h.fail()
      expect([error.code, error.message]).toEqual([code, `"001_fill" cannot run in batches: ${why}`])
      expect(await h.rows()).toEqual(['001_fill failed'])
    })

    test('the help of a missing index is the statement that makes it', async () => {
      const h = await start(
        'CREATE TABLE "Order s" ("Id" int NOT NULL, touched int)',
        fill()
          .replace('orders by id', '"Order s" by "Id"')
          .replace('UPDATE orders', 'UPDATE "Order s"')
          .replace('id BETWEEN', '"Id" BETWEEN'),
      )
      const error = await h.fail()
      expect(error.help).toBe(
        'add one, in a migration before it, with "-- Transaction: none": CREATE INDEX CONCURRENTLY "Order s_Id_idx" ON "Order s" ("Id");',
      )
      await h.database.query(
        'CREATE INDEX "Order s_Id_idx" ON "Order s" ("Id"); INSERT INTO "Order s" VALUES (1), (2)',
      )
      await h.up()
      expect(batchesOf(h.events)).toEqual([2])
    })

    test('a partitioned table is walked by its parent, and triggers see each row once', async () => {
      const h = await start(
        `CREATE TABLE orders (id int NOT NULL, touched int NOT NULL DEFAULT 0) PARTITION BY RANGE (id);
         CREATE TABLE o1 PARTITION OF orders FOR VALUES FROM (1) TO (50);
         CREATE TABLE o2 PARTITION OF orders FOR VALUES FROM (50) TO (200);
         CREATE INDEX ON orders (id);
         INSERT INTO orders SELECT n FROM generate_series(1, 100) n;
         CREATE TABLE log (id int);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END $$;
         CREATE TRIGGER note AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note()`,
        fill('id', ', size 30'),
      )
      await h.up()
      expect(batchesOf(h.events)).toEqual([30, 30, 30, 10])
      expect(
        await h.database.query('SELECT count(*)::int AS n, count(DISTINCT id)::int AS d FROM log'),
      ).toEqual([{ n: 100, d: 100 }])
    })

    test('under a role with row security it walks what the role sees, and is recorded as the one who connected', async () => {
      const h = await start(
        `${orders('int', 'SELECT n FROM generate_series(1, 10) n')};
         DROP ROLE IF EXISTS walker; CREATE ROLE walker;
         GRANT SELECT, UPDATE ON orders TO walker;
         ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
         CREATE POLICY half ON orders TO walker USING (id % 2 = 0)`,
        `-- Role: walker\n${fill('id', ', size 3')}`,
      )
      await h.up()
      expect(batchesOf(h.events)).toEqual([3, 2])
      expect(await touched(h)).toEqual([
        { touched: 0, rows: 5 },
        { touched: 1, rows: 5 },
      ])
      await h.database.query('DROP OWNED BY walker; DROP ROLE walker')
    })

    test('a saved plan is executed, goes on after a stop, and is refused once the file has changed', async () => {
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 10) n'), fill('id', ', size 4'))
      const saved = async () => {
        const { plan, target } = await h.runner().runMigrations({ dryRun: true })
        return savePlan(plan, target)
      }
      const first = await saved()
      expect((await h.up({}, { plan: first, batchesForMs: 0 })).outcome).toBe('paused')
      expect((await h.up({}, { plan: await saved() })).outcome).toBe('done')
      expect(await touched(h)).toEqual([{ touched: 1, rows: 10 }])
      expect((await h.fail({}, { plan: first })).code).toBe('TM4006')
    })

    test('a mark forgets what is done: completed counts as all, pending begins anew', async () => {
      const broken =
        '-- Batches: orders by id, size 3\n-- @up\nUPDATE orders SET touched = 1 / (8 - id) WHERE id BETWEEN $1 AND $2;\n'
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 10) n'), broken)
      await h.fail()
      await h.runner().mark({ ids: ['001_fill'], as: 'completed' })
      expect([await progress(h), await h.rows()]).toEqual([null, ['001_fill completed']])
      await h.runner().mark({ ids: ['001_fill'], as: 'pending' })
      h.files = { '001_fill': fill() }
      await h.up()
      expect(batchesOf(h.events)).toEqual([10])
    })

    test('set to pending by hand, it begins anew', async () => {
      const broken =
        '-- Batches: orders by id, size 3\n-- @up\nUPDATE orders SET touched = 1 / (8 - id) WHERE id BETWEEN $1 AND $2;\n'
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 10) n'), broken)
      await h.fail()
      await h.database.query("UPDATE schema_migrations SET status = 'pending', error_message = NULL")
      h.files = { '001_fill': fill() }
      await h.up()
      expect(batchesOf(h.events)).toEqual([10])
    })

    test('what depends on it waits until it is done', async () => {
      const h = await start(orders('int', 'SELECT n FROM generate_series(1, 10) n'), fill('id', ', size 3'))
      h.files = {
        ...h.files,
        '002_after': '-- Depends on: [001_fill]\n-- @up\nALTER TABLE orders DROP touched;',
      }
      expect((await h.up({}, { batchesForMs: 0 })).done).toEqual([])
      expect(await h.rows()).toEqual(['001_fill pending', '002_after pending'])
      expect((await h.up()).done).toEqual(['001_fill', '002_after'])
    })

    test('nothing of it stays in the session: the next migration has its own settings', async () => {
      const h = await start(
        orders(
          'timestamptz',
          "SELECT timestamptz '2024-01-01' + n * interval '1 day' FROM generate_series(1, 5) n",
        ),
        `-- Statement timeout: 1min\n${fill('id', ', size 2')}`,
      )
      h.files = {
        ...h.files,
        '002_look':
          "CREATE TABLE look AS SELECT name, setting FROM pg_settings WHERE name IN ('DateStyle', 'statement_timeout', 'extra_float_digits') ORDER BY 1; INSERT INTO look SELECT 'prepared', count(*)::text FROM pg_prepared_statements WHERE name LIKE 'tidemark_batch%';",
        '000_before':
          "CREATE TABLE before AS SELECT name, setting FROM pg_settings WHERE name IN ('DateStyle', 'statement_timeout', 'extra_float_digits');",
      }
      await h.up()
      const look = await h.database.query('SELECT * FROM look')
      const before = await h.database.query('SELECT * FROM before')
      expect(look).toEqual([...before, { name: 'prepared', setting: '0' }])
    })
  })
}
