import { afterEach, describe, expect, test } from 'vitest'
import { briefly, createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

/** What is promised of `Transaction: none` on every engine. */
export function describeAutocommit(engine: SuiteEngine): void {
  describe(`files without a transaction on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (files: Files, before = '') => {
      const database = await engine.create()
      harness = createHarness(database, files)
      if (before !== '') await database.query(before)
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })

    test('each statement commits by itself, and the next run goes on after the last that did', async () => {
      const file = (third: string) =>
        none(`CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n${third}\nINSERT INTO a VALUES (3);`)
      const h = await start({ '001_a': file('INSERT INTO a VALUES (2), (2 / 0);') })
      const error = await h.fail()
      expect(error).toMatchObject({
        code: 'TM5004',
        message: '"001_a" statement 3 of 4: division by zero',
        location: { path: 'migrations/001_a.sql', line: 5, column: 1 },
        details: {
          index: 3,
          count: 4,
          databaseState: '2 of 4 statements of "001_a" are done and stay; the next run continues after them.',
        },
      })
      expect(await progress(h)).toEqual([
        { status: 'failed', statements_done: 2, direction: 'up', left: false },
      ])
      h.files = { '001_a': file('INSERT INTO a VALUES (2);') }
      await h.up()
      expect(await h.database.query('SELECT id FROM a ORDER BY id')).toEqual([
        { id: 1 },
        { id: 2 },
        { id: 3 },
      ])
      expect(await progress(h)).toEqual([
        { status: 'completed', statements_done: null, direction: null, left: false },
      ])
      expect((await h.up()).outcome).toBe('nothing_to_do')
    })

    test('finished statements that have changed since are refused, those that come are not', async () => {
      const h = await start({ '001_a': none('CREATE TABLE a (id int);\nSELEC 1;') })
      await h.fail()
      h.files = { '001_a': none('CREATE TABLE a (id bigint);\nSELECT 1;') }
      expect((await h.fail()).diagnostics.map(({ code }) => code)).toEqual(['TM4010'])
      h.files = { '001_a': none('-- a comment\nCREATE TABLE a (id int);\nSELECT 1;') }
      await h.up()
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test('an index whose build failed on duplicates is dropped and built again', async () => {
      const h = await start(
        { '001_a': none('SELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (id);') },
        'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)',
      )
      const error = await h.fail()
      expect(error.code).toBe('TM5004')
      expect(error.details).toMatchObject({ sqlState: '23505', invalidIndex: 'public.a_idx' })
      expect(error.help).toBe(
        'rows in the table have the same key; DETAIL names one; the index public.a_idx was left invalid: the next run drops it and builds it again; to drop it now: DROP INDEX CONCURRENTLY public.a_idx;',
      )
      expect(await indexes(h)).toEqual(['a_idx invalid'])
      expect(await h.rows()).toEqual(['001_a failed'])
      expect((await h.fail()).details).toMatchObject({ sqlState: '23505' })
      await h.database.query('DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)')
      await h.up()
      expect(await indexes(h)).toEqual(['a_idx valid'])
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test('the remains of a build are dropped also when the fixed file gives the index another name', async () => {
      const h = await start(
        { '001_a': none('CREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (id);') },
        'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)',
      )
      await h.fail()
      h.files = { '001_a': none('CREATE INDEX CONCURRENTLY a_id_idx ON a (id);') }
      await h.up()
      expect(await indexes(h)).toEqual(['a_id_idx valid'])
    })

    test.each([
      { what: 'nothing', verify: undefined },
      { what: 'only the verify', verify: 'SELECT true;' },
    ])('the remains of a build are dropped also when $what is left in the fixed file', async ({ verify }) => {
      const h = await start(
        { '001_a': none('SELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (id);', verify) },
        'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)',
      )
      await h.fail()
      h.files = { '001_a': none('SELECT 1;', verify) }
      await h.up()
      expect(await indexes(h)).toEqual([])
      expect(await progress(h)).toEqual([
        { status: 'completed', statements_done: null, direction: null, left: false },
      ])
    })

    test('IF NOT EXISTS over an invalid index that was there before is not recorded as applied', async () => {
      const h = await start(
        { '001_a': none('CREATE INDEX CONCURRENTLY IF NOT EXISTS a_idx ON a (id);') },
        'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)',
      )
      await h.database.query('CREATE UNIQUE INDEX CONCURRENTLY a_idx ON a (id)').catch(() => undefined)
      expect(await indexes(h)).toEqual(['a_idx invalid'])
      for (const _attempt of [1, 2]) {
        expect(await h.fail()).toMatchObject({
          code: 'TM5020',
          message:
            '"001_a" is not applied: the index public.a_idx is invalid: IF NOT EXISTS skipped the index of an interrupted build',
          help: 'drop it and run "tidemark up" again: DROP INDEX CONCURRENTLY public.a_idx;',
          location: { path: 'migrations/001_a.sql', line: 3, column: 1 },
        })
        expect(await h.rows()).toEqual(['001_a failed'])
      }
      await h.database.query('DROP INDEX a_idx')
      await h.up()
      expect(await indexes(h)).toEqual(['a_idx valid'])
    })

    test('an index that was there before is not taken for the effect of the statement', async () => {
      const h = await start(
        { '001_a': none('CREATE INDEX CONCURRENTLY a_idx ON a (id);') },
        'CREATE TABLE a (id int, b int); CREATE INDEX a_idx ON a (b)',
      )
      expect((await h.fail()).details['sqlState']).toBe('42P07')
      expect((await h.fail()).details['sqlState']).toBe('42P07')
      expect(await h.rows()).toEqual(['001_a failed'])
    })

    test('an index on a partitioned table alone is invalid by design, until its last partition is attached', async () => {
      const h = await start(
        {
          '001_a': none(`CREATE INDEX p_idx ON ONLY p (id);
CREATE INDEX CONCURRENTLY p1_idx ON p1 (id);
CREATE INDEX CONCURRENTLY p2_idx ON p2 (id);
ALTER INDEX p_idx ATTACH PARTITION p1_idx;`),
          '002_b': none('ALTER INDEX p_idx ATTACH PARTITION p2_idx;'),
        },
        `CREATE TABLE p (id int) PARTITION BY RANGE (id);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10);
         CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)`,
      )
      await h.up(undefined, { target: '001_a' })
      expect(await indexes(h)).toEqual(['p1_idx valid', 'p2_idx valid', 'p_idx invalid'])
      await h.up()
      expect(await indexes(h)).toEqual(['p1_idx valid', 'p2_idx valid', 'p_idx valid'])
    })

    test('DROP and REINDEX CONCURRENTLY, VACUUM, DO and CALL run, one by one', async () => {
      const h = await start(
        {
          '001_a': none(`DROP INDEX CONCURRENTLY a_old;
REINDEX INDEX CONCURRENTLY a_idx;
REINDEX TABLE CONCURRENTLY a;
VACUUM (ANALYZE) a;
DO $$ BEGIN INSERT INTO a VALUES (2); COMMIT; INSERT INTO a VALUES (3); END $$;
CALL fill();`),
        },
        `CREATE TABLE a (id int); CREATE INDEX a_old ON a (id); CREATE INDEX a_idx ON a (id);
         CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$
         BEGIN FOR i IN 4..6 LOOP INSERT INTO a VALUES (i); COMMIT; END LOOP; END $$`,
      )
      await h.up()
      expect(await indexes(h)).toEqual(['a_idx valid'])
      expect(await h.database.query('SELECT count(*)::int AS n FROM a')).toEqual([{ n: 5 }])
    })

    test('an enum value is used by the next statement and by the next file', async () => {
      const h = await start({
        '001_a': "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (m mood);",
        '002_b': none("ALTER TYPE mood ADD VALUE 'ok';\nINSERT INTO a VALUES ('ok');"),
        '003_c': "ALTER TYPE mood ADD VALUE 'glad';",
        '004_d': "INSERT INTO a VALUES ('glad');",
      })
      await h.up()
      expect(await h.database.query('SELECT m::text FROM a')).toEqual([{ m: 'ok' }, { m: 'glad' }])
    })

    test('what a file set before is set again when it is resumed, and does not reach the next file', async () => {
      const file = (last: string) =>
        none(`SET search_path TO app;
SELECT pg_catalog.set_config('work_mem', '7MB', false);
SET ROLE app_owner;
PREPARE nothing AS SELECT 1;
CREATE TABLE one (id int);
${last}`)
      const h = await start(
        {
          '001_a': file('SELEC 1;'),
          '002_b': "CREATE TABLE two AS SELECT current_setting('work_mem') AS work_mem;",
        },
        `DO $$ BEGIN CREATE ROLE app_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO app_owner`,
      )
      await h.fail()
      h.files = {
        ...h.files,
        '001_a': file(
          "CREATE TABLE two AS SELECT current_setting('work_mem') AS work_mem;\nEXECUTE nothing;",
        ),
      }
      await h.up()
      expect(
        await h.database.query(
          `SELECT schemaname || '.' || tablename || ' ' || tableowner AS made FROM pg_tables
           WHERE tablename IN ('one', 'two') ORDER BY 1`,
        ),
      ).toEqual([
        { made: 'app.one app_owner' },
        { made: 'app.two app_owner' },
        { made: expect.stringMatching(/^public\.two (?!app_owner)/) },
      ])
      expect(await h.database.query('SELECT work_mem FROM app.two')).toEqual([{ work_mem: '7MB' }])
      expect(await h.database.query('SELECT work_mem FROM two')).toEqual([{ work_mem: '4MB' }])
    })

    test('a file whose temporary table is gone starts over, when nothing else was done', async () => {
      const file = (last: string) =>
        none(`CREATE TEMPORARY TABLE t (id int);\nINSERT INTO t VALUES (1);\n${last}`)
      const h = await start({ '001_a': file('SELEC 1;') })
      await h.fail()
      h.files = { '001_a': file('CREATE TABLE a AS SELECT * FROM t;') }
      await h.up()
      expect(await h.database.query('SELECT id FROM a')).toEqual([{ id: 1 }])
    })

    test('a file whose temporary table is gone is refused, when something else was done', async () => {
      const file = (last: string) =>
        none(`CREATE TEMPORARY TABLE t (id int);\nCREATE TABLE a (id int);\n${last}`)
      const h = await start({ '001_a': file('SELEC 1;') })
      await h.fail()
      h.files = { '001_a': file('INSERT INTO a SELECT * FROM t;') }
      expect(await h.fail()).toMatchObject({
        code: 'TM5021',
        message:
          '"001_a" cannot continue where it stopped: temporary tables that its finished statements created ended with that session',
      })
    })

    test.each([
      {
        what: 'its making moved rows',
        done: 'CREATE TEMP TABLE t AS WITH gone AS (DELETE FROM a RETURNING id) SELECT id FROM gone;',
      },
      {
        what: 'SELECT INTO moved rows',
        done: 'WITH gone AS (DELETE FROM a RETURNING id) SELECT id INTO TEMP t FROM gone;',
      },
      {
        what: 'a table had its name before',
        done: 'DELETE FROM a WHERE id = 1;\nCREATE TEMP TABLE a (id int);\nCREATE TEMP TABLE t (id int);',
      },
      {
        what: 'a table has its name after it was dropped',
        done: 'CREATE TEMP TABLE a (id int);\nDROP TABLE a;\nDELETE FROM a;\nCREATE TEMP TABLE t (id int);',
      },
      {
        what: 'a table of its name was made as well',
        done: 'CREATE TEMP TABLE t (id int);\nCREATE TABLE public.t (id int);',
      },
      {
        what: 'something was done before DISCARD ALL',
        done: 'DELETE FROM a;\nDISCARD ALL;\nCREATE TEMP TABLE t (id int);',
      },
      {
        what: 'a setting called a function',
        done: "CREATE TEMP TABLE t (id int);\nSELECT set_config('a.b', take(), false);",
      },
    ])('a file whose temporary table is gone is refused, when $what', async ({ done }) => {
      const file = (last: string) => none(`${done}\n${last}`)
      const h = await start(
        { '001_a': file('SELEC 1;') },
        `CREATE TABLE a (id int); INSERT INTO a VALUES (1), (2); CREATE TABLE b (id int);
         CREATE FUNCTION take() RETURNS text LANGUAGE sql AS 'DELETE FROM a RETURNING id::text'`,
      )
      await h.fail()
      h.files = { '001_a': file('INSERT INTO b SELECT id FROM t;') }
      expect((await h.fail()).code).toBe('TM5021')
      expect(await h.rows()).toEqual(['001_a failed'])
    })

    test('a file whose temporary table is gone is recorded, when all of it is done', async () => {
      const h = await start(
        { '001_a': none('CREATE TEMPORARY TABLE t (id int);\nINSERT INTO a SELECT 1;\nSELEC 1;') },
        'CREATE TABLE a (id int)',
      )
      await h.fail()
      h.files = { '001_a': none('CREATE TEMPORARY TABLE t (id int);\nINSERT INTO a SELECT 1;') }
      await h.up()
      expect(await h.database.query('SELECT id FROM a')).toEqual([{ id: 1 }])
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test('verify runs last, and the next run runs only the verify', async () => {
      const h = await start({
        '001_a': none(
          'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);',
          'SELECT count(*) = 2 FROM a;\nSELECT true;',
        ),
      })
      expect(await h.fail()).toMatchObject({
        code: 'TM5005',
        message: '"001_a" verify 1 of 2: failed: row 1 is false, not true',
        details: {
          databaseState: '2 of 2 statements of "001_a" are done and stay; the next run continues after them.',
        },
      })
      expect(await progress(h)).toEqual([
        { status: 'failed', statements_done: 2, direction: 'up', left: false },
      ])
      expect((await h.fail()).code).toBe('TM5005')
      await h.database.query('INSERT INTO a VALUES (2)')
      const { plan } = await h.up()
      expect(plan.steps.map(({ kind }) => kind)).toEqual(['verify'])
      expect(await h.database.query('SELECT id FROM a ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }])
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test('a statement that the server refuses in a transaction, unknown to us, runs by itself', async () => {
      const h = await start(
        { '001_a': none('SELECT 1;\nCREATE TABLE a (id int);') },
        'CREATE TABLE b (id int)',
      )
      await h.up()
      expect(await h.has('a')).toBe(true)
    })

    test('a rollback without a transaction goes on where it stopped', async () => {
      const file = `-- Transaction: none
-- @up
CREATE TABLE a (id int);
CREATE INDEX CONCURRENTLY a_idx ON a (id);
-- @down
DROP INDEX CONCURRENTLY a_idx;
DROP TABLE gone;
DROP TABLE a;
`
      const h = await start({ '001_a': file })
      await h.up()
      const failed = await h
        .runner()
        .rollBack()
        .catch((error: unknown) => error)
      expect(failed).toMatchObject({
        code: 'TM5004',
        message: '"001_a" statement 2 of 3: table "gone" does not exist',
      })
      expect(await progress(h)).toEqual([
        { status: 'failed', statements_done: 1, direction: 'down', left: false },
      ])
      await h.database.query('CREATE TABLE gone ()')
      await h.runner().rollBack()
      expect(await h.rows()).toEqual(['001_a rolled_back'])
      expect(await h.has('a')).toBe(false)
    })

    test('DISCARD ALL gives no other runner the lock', async () => {
      const h = await start({ '001_a': none('DISCARD ALL;\nCREATE TABLE a (id int);') })
      expect((await h.up()).done).toEqual(['001_a'])
    })

    test('COPY with inline data runs once', async () => {
      const h = await start({
        '001_a': none(
          'CREATE TABLE a (id int, t text);\nCOPY a FROM stdin;\n1\tx\n2\t\\N\n\\.\n\nINSERT INTO a VALUES (3);',
        ),
      })
      await h.up()
      expect(await h.database.query('SELECT * FROM a ORDER BY id')).toEqual([
        { id: 1, t: 'x' },
        { id: 2, t: null },
        { id: 3, t: null },
      ])
    })

    test('a role of the header that may not read the tracking tables does', async () => {
      const h = await start(
        { '001_a': `-- Role: app_maker\n${none('CREATE TABLE app.a (id int);\nVACUUM app.a;')}` },
        `DO $$ BEGIN CREATE ROLE app_maker; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO app_maker`,
      )
      await h.up()
      expect(await h.database.query("SELECT tableowner FROM pg_tables WHERE tablename = 'a'")).toEqual([
        { tableowner: 'app_maker' },
      ])
    })

    test('a file that takes another user, also inside a function, goes on as that user and is recorded', async () => {
      const takes = 'SET SESSION AUTHORIZATION some_user;'
      const h = await start(
        {
          '001_a': none(
            `${takes}\nCREATE TABLE app.a (id int);\nRESET SESSION AUTHORIZATION;\nDO $$ BEGIN EXECUTE '${takes}'; END $$;\nCREATE TABLE app.b (id int);\nRESET SESSION AUTHORIZATION;\nCREATE TABLE app.c (id int);`,
          ),
        },
        `DO $$ BEGIN CREATE ROLE some_user; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO some_user`,
      )
      await h.up()
      expect(
        await h.database.query(
          "SELECT relname AS name FROM pg_class WHERE relnamespace = 'app'::regnamespace AND pg_get_userbyid(relowner) = 'some_user' ORDER BY 1",
        ),
      ).toEqual([{ name: 'a' }, { name: 'b' }])
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test('events tell each statement and its notices, and the step after its record', async () => {
      const h = await start({
        '001_a': none("DO $$ BEGIN RAISE NOTICE 'hello'; END $$;\nDROP TABLE IF EXISTS nothing;"),
      })
      await h.up()
      expect(briefly(h.events)).toEqual([
        'started 001_a (attempt 1)',
        'notice 001_a/0 hello',
        'notice 001_a/1 table "nothing" does not exist, skipping',
        'finished 001_a',
      ])
    })
  })
}

/** A file without a transaction. */
export function none(up: string, verify?: string): string {
  return `-- Transaction: none\n-- @up\n${up}\n${verify === undefined ? '' : `-- @verify\n${verify}\n`}`
}

/** `name valid` or `name invalid` of the indexes that are none of ours. */
export async function indexes(h: Harness): Promise<readonly string[]> {
  const rows = await h.database.query<{ index: string }>(
    `SELECT c.relname || CASE WHEN i.indisvalid THEN ' valid' ELSE ' invalid' END AS index
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
     WHERE t.relnamespace = 'public'::regnamespace
       AND t.relname NOT IN ('schema_migrations', 'migration_history', 'database_schema') ORDER BY 1`,
  )
  return rows.map(({ index }) => index)
}

/** What the row of `001_a` remembers of an attempt; `left`: whether a statement is announced and not done. */
export function progress(h: Harness): Promise<readonly object[]> {
  return h.database.query(
    `SELECT status::text, statements_done, direction, header ? 'progress' AS left
     FROM schema_migrations WHERE id = '001_a'`,
  )
}
