import { afterEach, describe, expect, test } from 'vitest'
import { briefly, createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

/**
 * Makes a backslash escape a quote, in words that no reader of the file can see through: a file that says so
 * plainly is refused.
 */
const TURN_STRINGS_OFF = `DO $$ BEGIN PERFORM set_config('standard_' || 'conforming_strings', 'off', false); END $$;`

/** The promises of the transactional engine that hold on every engine. */
export function describeEngine(engine: SuiteEngine): void {
  describe(`the transactional engine on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (files: Files) => {
      harness = createHarness(await engine.create(), files)
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })

    test('I2: a failed migration leaves nothing behind, and a fixed file is applied by a plain run', async () => {
      const broken = 'CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nSELEC 1;\nCREATE TABLE c (id int);'
      const h = await start({ '001_a': broken })
      const error = await h.fail()
      expect(error).toMatchObject({
        code: 'TM5004',
        message: '"001_a" statement 3 of 4: syntax error at or near "SELEC"',
        location: { path: 'migrations/001_a.sql', line: 4, column: 1 },
        frame: '  3 │ CREATE TABLE b (id int);\n> 4 │ SELEC 1;\n    │ ^^^^^',
        details: {
          migration: '001_a',
          sqlState: '42601',
          databaseState: 'The database is unchanged by "001_a" (rolled back).',
          applied: [],
          failed: ['001_a'],
          notRun: [],
        },
      })
      expect(await h.has('a')).toBe(false)
      expect(await h.rows()).toEqual(['001_a failed'])
      h.files = { '001_a': broken.replace('SELEC', 'SELECT') }
      expect((await h.up()).done).toEqual(['001_a'])
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test.each(['SERIALIZABLE', 'repeatable  read', 'Read Committed'])(
      'a file has the isolation level that it begins with, and it alone: %s',
      async (level) => {
        const see = (table: string) =>
          `CREATE TABLE ${table} AS SELECT current_setting('transaction_isolation') AS level;`
        const set = `-- first\nSET LOCAL work_mem = '8MB';\nSET TRANSACTION ISOLATION LEVEL ${level};\n`
        const h = await start({
          '001_a': see('a'),
          '002_b': `-- @up\n${set}${see('b')}\n-- @down\n${set}${see('back')}\n`,
          '003_c': `-- @up\n${see('c')}\n-- @down\nDROP TABLE c;\n`,
        })
        await h.up()
        const found = await h.database.query(
          'SELECT (SELECT level FROM a) AS a, (SELECT level FROM b) AS b, (SELECT level FROM c) AS c',
        )
        const words = level.toLowerCase().replace('  ', ' ')
        expect(found).toEqual([{ a: 'read committed', b: words, c: 'read committed' }])
        await h.runner().rollBack({ request: { kind: 'steps', count: 2 } })
        expect(await h.database.query('SELECT level FROM back')).toEqual([{ level: words }])
      },
    )

    test('an isolation level behind a query is refused with where it belongs', async () => {
      const h = await start({ '001_a': 'SELECT 1;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;' })
      expect(await h.fail()).toMatchObject({
        code: 'TM5004',
        help: 'begin "@up" with SET TRANSACTION ISOLATION LEVEL; of its other modes, a migration can have none',
      })
    })

    test('I5: the failed attempt is in the history with its error, and status says failed', async () => {
      const h = await start({ '001_a': 'SELECT 1/0;' })
      await h.fail()
      const [attempt] = await h.database.query(
        'SELECT status, direction, error_message, executed_by, details FROM migration_history',
      )
      expect(attempt).toEqual({
        status: 'failed',
        direction: 'up',
        error_message: '"001_a" statement 1 of 1: division by zero',
        executed_by: 'ada@laptop',
        details: expect.objectContaining({ code: 'TM5004', sqlState: '22012', index: 1, count: 1 }),
      })
      const status = await h.runner().status()
      expect([status.states.get('001_a')?.kind, status.pending]).toEqual(['failed', ['001_a']])
    })

    test('a failed migration with others in flight behind it stops them, and a later run applies them', async () => {
      const h = await start({
        '001_a': 'CREATE TABLE a (id int);',
        '002_b': 'CREATE TABLE b (id int); SELECT 1/0;',
        '003_c': 'CREATE TABLE c (id int);',
        '004_d': 'CREATE TABLE d (id int);',
      })
      const error = await h.fail()
      expect(error.details).toMatchObject({
        applied: ['001_a'],
        failed: ['002_b'],
        notRun: ['003_c', '004_d'],
      })
      expect(await h.rows()).toEqual(['001_a completed', '002_b failed', '003_c pending', '004_d pending'])
      expect([await h.has('b'), await h.has('c'), await h.has('d')]).toEqual([false, false, false])
      h.files = { ...h.files, '002_b': 'CREATE TABLE b (id int);' }
      expect((await h.up()).done).toEqual(['002_b', '003_c', '004_d'])
    })

    test.each([
      ['stopping', {}],
      ['going on', { keepGoing: true }],
    ])(
      'I2: a message that the server cannot parse refuses its own BEGIN, and what is behind it does not run (%s)',
      async (_, options) => {
        const plain = (name: string) => `CREATE TABLE ${name} (id int);`
        const files = {
          ...Object.fromEntries(
            ['a', 'b', 'c', 'd', 'e'].map((name, at) => [`00${at}_${name}`, plain(name)]),
          ),
          '005_broken': "CREATE TABLE f (\n  note text DEFAULT '😀', id inte ger);",
          '006_g': plain('g'),
          '007_h': `-- Depends on: [005_broken]\n-- @up\n${plain('h')}`,
        }
        const h = await start(files)
        const error = await h.fail({}, options)
        expect(error).toMatchObject({
          code: 'TM5004',
          message: '"005_broken" statement 1 of 1: syntax error at or near "ger"',
          location: { line: 3, column: 34 },
          details: { failed: ['005_broken'], index: 1 },
        })
        const others = 'keepGoing' in options ? ['006_g completed'] : ['006_g pending']
        expect((await h.rows()).slice(5)).toEqual(['005_broken failed', ...others, '007_h pending'])
        expect([await h.has('e'), await h.has('g'), await h.has('h')]).toEqual([
          true,
          'keepGoing' in options,
          false,
        ])
        expect(briefly(h.events).filter((line) => line.startsWith('started')).length).toBe(
          'keepGoing' in options ? 7 : 6,
        )
      },
    )

    test('I1: a re-run that fails holds back what is behind it, although its row says completed', async () => {
      const again = (statement: string) => `-- Run: on_change\n-- @up\n${statement}`
      const files = Object.fromEntries(
        ['a', 'b', 'c', 'd'].map((name, at) => [`00${at}_${name}`, 'SELECT 1;']),
      )
      const h = await start({ ...files, '004_view': again('CREATE OR REPLACE VIEW v AS SELECT 1 AS a;') })
      await h.up()
      h.files = {
        ...files,
        '004_view': again('CREATE OR REPLACE VIEW v AS SELEC 2 AS a;'),
        ...Object.fromEntries(
          ['e', 'f', 'g', 'h'].map((name, at) => [`01${at}_${name}`, `CREATE TABLE ${name} ();`]),
        ),
      }
      expect((await h.fail()).details).toMatchObject({ failed: ['004_view'] })
      const committed = (await h.rows()).filter((row) => /^01._/.test(row) && row.endsWith('completed'))
      const planned = briefly(h.events).filter((line) => line.startsWith('finished 01'))
      expect(committed.length).toBe(planned.length)
      h.files = { ...h.files, '004_view': again('CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b;') }
      await h.up()
      expect((await h.rows()).every((row) => row.endsWith('completed'))).toBe(true)
    })

    test('a file may write the name of the mark: the next one is still applied, once, or nothing is', async () => {
      const forged = "SELECT set_config('tidemark.done', '99 forged', false);"
      const files = Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => [
          `00${at}_${name}`,
          at === 3 ? forged : 'SELECT 1;',
        ]),
      )
      const h = await start(files)
      expect((await h.up()).done).toHaveLength(6)
      expect(await h.rows()).toEqual(Object.keys(files).map((id) => `${id} completed`))
    })

    test('keepGoing goes on with what does not depend on the failed one', async () => {
      const h = await start({
        '001_a': 'SELECT 1/0;',
        '002_needs_a': '-- Depends on: [001_a]\n-- @up\nCREATE TABLE b (id int);',
        '003_alone': 'CREATE TABLE c (id int);',
        '004_needs_alone': '-- Depends on: [003_alone]\n-- @up\nCREATE TABLE d (id int);',
        '005_needs_b': '-- Depends on: [002_needs_a]\n-- @up\nCREATE TABLE e (id int);',
      })
      const error = await h.fail({}, { keepGoing: true })
      expect(error.details).toMatchObject({
        applied: ['003_alone', '004_needs_alone'],
        failed: ['001_a'],
        notRun: ['002_needs_a', '005_needs_b'],
      })
    })

    test('I3: a file that comes late is applied whatever its number, and order is by the graph', async () => {
      const h = await start({ '001_a': 'SELECT 1;', '003_c': '-- Depends on: [001_a]\n-- @up\nSELECT 3;' })
      await h.up()
      h.files = { ...h.files, '002_b': '-- Depends on: [001_a]\n-- @up\nSELECT 2;' }
      expect((await h.up()).done).toEqual(['002_b'])
      h.files = {
        ...h.files,
        '000_d': '-- Depends on: [002_b]\n-- @up\nSELECT 4;',
        '010_e': '-- Depends on: [001_a]\n-- @up\nSELECT 5;',
      }
      const plan = await h.runner().createMigrationPlan()
      const result = await h.up()
      expect(result.done).toEqual(plan.steps.map((step) => step.id))
      expect(result.done).toEqual(['000_d', '010_e'])
    })

    test('I3: what is pending after the run although it ran is no success', async () => {
      const undo = `CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE public.schema_migrations SET status = 'pending' WHERE id = '002_b'; RETURN NULL; END $$;
        CREATE TRIGGER undo AFTER INSERT ON migration_history FOR EACH ROW WHEN (NEW.migration_id = '003_c') EXECUTE FUNCTION undo();`
      // A trigger that is there before the run would refuse it.
      const h = await start({ '001_a': undo, '002_b': 'SELECT 2;', '003_c': 'SELECT 3;' })
      expect(await h.fail()).toMatchObject({
        code: 'TM5010',
        message: 'still pending after the run: 002_b',
      })
    })

    test.each([
      ['COMMIT; BEGIN', 'COMMIT; BEGIN; --'],
      ['COMMIT', 'COMMIT; --'],
      ['ROLLBACK', 'ROLLBACK; --'],
      ['ROLLBACK; BEGIN', 'ROLLBACK; BEGIN; --'],
    ])(
      'a smuggled %s is caught: nothing is recorded, and what is behind does not run',
      async (_, smuggled) => {
        const h = await start({
          '001_a': `CREATE TABLE a (id int);\n${TURN_STRINGS_OFF}\nSELECT 'a\\', '; ${smuggled}';\nCREATE TABLE b (id int);`,
          '002_b': 'CREATE TABLE c (id int);',
        })
        const error = await h.fail()
        expect(error).toMatchObject({
          code: 'TM5006',
          message: '"001_a" was not applied: its transaction was ended by the file itself',
          details: { notRun: ['002_b'] },
        })
        expect(await h.rows()).toEqual(['001_a failed', '002_b pending'])
        expect(await h.has('c')).toBe(false)
      },
    )

    test.each([
      ['DO', 'DO $$ BEGIN COMMIT; END $$;'],
      ['a procedure', 'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\nCALL p();'],
      ['a rollback in DO', 'DO $$ BEGIN ROLLBACK; END $$;'],
    ])('a COMMIT inside %s is refused by the server and nothing stays', async (_, text) => {
      const h = await start({ '001_a': `CREATE TABLE a (id int);\n${text}`, '002_b': 'SELECT 1;' })
      expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { sqlState: '2D000' } })
      expect(await h.has('a')).toBe(false)
      expect(await h.rows()).toEqual(['001_a failed', '002_b pending'])
    })

    test('a file that writes the rows of the run is caught by the guard of the next step', async () => {
      const h = await start({
        '001_a': "UPDATE schema_migrations SET status = 'completed' WHERE id = '002_b';",
        '002_b': 'CREATE TABLE b (id int);',
      })
      expect(await h.fail()).toMatchObject({
        code: 'TM5011',
        message: '"002_b" was not applied: it is done already',
        details: { applied: ['001_a'], failed: ['002_b'] },
      })
      expect(await h.has('b')).toBe(false)
    })

    test('a file that gives the run lock away is reported at the end of the run', async () => {
      const h = await start({ '001_a': 'SELECT pg_advisory_unlock_all();' })
      expect(await h.fail()).toMatchObject({
        code: 'TM5012',
        message: 'the run lock was lost before the end of the run',
      })
      expect(await h.rows()).toEqual(['001_a completed'])
    })

    test('a savepoint cannot hide a failed statement', async () => {
      const h = await start({
        '001_a': 'CREATE TABLE a (id int);\nSAVEPOINT s;\nSELECT 1/0;\nROLLBACK TO s;',
        '002_b': 'SAVEPOINT s;\nCREATE TABLE b (id int);\nROLLBACK TO s;',
      })
      expect(await h.fail()).toMatchObject({ message: '"001_a" statement 3 of 4: division by zero' })
      expect(await h.rows()).toEqual(['001_a failed', '002_b pending'])
      h.files = { ...h.files, '001_a': 'SELECT 1;' }
      await h.up()
      expect([await h.has('a'), await h.has('b')]).toEqual([false, false])
    })

    test('I4: nothing of one migration reaches the next', async () => {
      const h = await start({
        '001_leaves': `
          CREATE ROLE leaver NOLOGIN;
          GRANT CREATE ON SCHEMA public TO leaver;
          SET statement_timeout = 1234; SET lock_timeout = 77; SET client_min_messages = error;
          SELECT pg_catalog.set_config('search_path', '', false);
          SELECT pg_catalog.set_config('app.tenant', 'a', false);
          CREATE TEMPORARY TABLE left_over (id int);
          PREPARE left_statement AS SELECT 1;
          DECLARE left_cursor CURSOR WITH HOLD FOR SELECT 1;
          LISTEN left_channel;
          SELECT pg_advisory_lock(42), pg_advisory_lock(42), pg_advisory_lock(1, -2), pg_advisory_lock_shared(43);
          SET ROLE leaver;`,
        '002_finds_nothing': `
          CREATE TABLE found AS SELECT current_user <> 'leaver' AS role, current_setting('search_path') AS path,
            current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
            coalesce(current_setting('app.tenant', true), '') AS tenant,
            (SELECT count(*)::int FROM pg_class WHERE relname = 'left_over') AS temporary,
            (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
            (SELECT count(*)::int FROM pg_cursors WHERE name = 'left_cursor') AS cursors,
            (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
            (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks;`,
      })
      await h.up()
      expect(await h.database.query('SELECT * FROM public.found')).toEqual([
        {
          role: true,
          path: '"$user", public',
          statement: '0',
          lock: '5s',
          tenant: '',
          temporary: 0,
          prepared: 0,
          cursors: 0,
          channels: 0,
          locks: 1,
        },
      ])
      await h.database.query('DROP OWNED BY leaver; DROP ROLE leaver')
    })

    test('I4: a trigger that leaves a prepared statement or drops ours is caught, and its migration lands clean', async () => {
      const h = await start({
        '001_a': `CREATE TABLE a (n int);
          CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.n = 1 THEN EXECUTE 'PREPARE left_over AS SELECT 1'; ELSE EXECUTE 'DEALLOCATE ALL'; END IF; RETURN NEW; END $$;
          CREATE TRIGGER leave BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION leave();`,
        '002_plain': 'CREATE TABLE b (id int);',
        '003_leaves': 'INSERT INTO a VALUES (1);',
        '004_plain': 'CREATE TABLE c (id int);',
        '005_drops': 'INSERT INTO a VALUES (2);',
        '006_looks': `CREATE TABLE found AS SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name NOT LIKE 'tidemark%';`,
      })
      expect((await h.up()).done).toHaveLength(6)
      expect(await h.database.query('SELECT (SELECT count(*)::int FROM a) AS rows, n FROM found')).toEqual([
        { rows: 2, n: 0 },
      ])
      expect(await h.database.query('SELECT count(*)::int AS attempts FROM migration_history')).toEqual([
        { attempts: 6 },
      ])
    })

    test('I4: SET SESSION AUTHORIZATION and RESET ALL in a file touch neither its record nor the next one', async () => {
      const h = await start({
        '001_a': `CREATE ROLE other NOLOGIN; GRANT ALL ON SCHEMA public TO other;
          SET SESSION AUTHORIZATION other; CREATE TABLE owned (id int);`,
        '002_b': 'SET search_path = pg_catalog; RESET ALL; CREATE TABLE b (id int);',
        '003_c': 'CREATE TABLE who AS SELECT current_user::text AS name, session_user::text AS session;',
      })
      expect((await h.up()).done).toEqual(['001_a', '002_b', '003_c'])
      const [who] = await h.database.query<{ name: string; session: string }>('SELECT * FROM who')
      expect([who?.name, who?.session]).not.toContain('other')
      expect(await h.database.query("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'")).toEqual([
        { tableowner: 'other' },
      ])
      await h.database.query('DROP OWNED BY other; DROP ROLE other')
    })

    test('a role in the header runs the file as that role, which need not read the tracking tables', async () => {
      const h = await start({ '001_a': 'SELECT 1;' })
      await h.up()
      await h.database.query('CREATE ROLE maker NOLOGIN; GRANT CREATE ON SCHEMA public TO maker')
      h.files = {
        ...h.files,
        '002_b': '-- Role: maker\n-- @up\nCREATE TABLE made (id int);',
        '003_c': 'CREATE TABLE c (id int);',
      }
      await h.up()
      expect(
        await h.database.query(
          "SELECT tableowner = 'maker' AS made FROM pg_tables WHERE tablename IN ('made', 'c') ORDER BY tablename",
        ),
      ).toEqual([{ made: false }, { made: true }])
      h.files = { ...h.files, '004_d': '-- Role: nobody_there\n-- @up\nSELECT 1;' }
      expect((await h.fail()).message).toBe(
        '"004_d" failed before its first statement: role "nobody_there" does not exist',
      )
      await h.database.query('DROP OWNED BY maker; DROP ROLE maker')
    })

    test('a new enum value can be used by the next migration of the same run', async () => {
      const h = await start({
        '001_a': "CREATE TYPE mood AS ENUM ('sad');",
        '002_b': "ALTER TYPE mood ADD VALUE 'glad';",
        '003_c': "CREATE TABLE c (m mood DEFAULT 'glad');",
      })
      expect((await h.up()).done).toHaveLength(3)
    })

    test.each([
      ['false', 'SELECT count(*) = 1 FROM a;', '"001_a" verify 1 of 1: failed: row 1 is false, not true'],
      ['null', 'SELECT NULL::boolean;', '"001_a" verify 1 of 1: failed: row 1 is null, not true'],
      ['no row', 'SELECT true FROM a;', '"001_a" verify 1 of 1: failed: the query gives no row'],
      ['not boolean', 'SELECT 1;', '"001_a" verify 1 of 1: failed: the first column is integer, not boolean'],
      [
        'a later row that is false',
        'VALUES (true), (false);',
        '"001_a" verify 1 of 1: failed: row 2 is false, not true',
      ],
      [
        'writing',
        'SELECT true FROM (SELECT leave_trace()) AS t;',
        '"001_a" verify 1 of 1: cannot execute INSERT in a read-only transaction',
      ],
      ['raising', 'SELECT 1/0 = 1;', '"001_a" verify 1 of 1: division by zero'],
      ['a block that raises', "DO $$ BEGIN RAISE 'not so'; END $$;", '"001_a" verify 1 of 1: not so'],
    ])('verify %s rolls the migration back', async (_, verify, message) => {
      const h = await start({
        '001_a': `-- @up\nCREATE TABLE a (id int);\nCREATE FUNCTION leave_trace() RETURNS void LANGUAGE sql AS 'INSERT INTO a VALUES (1)';\n-- @verify\n${verify}\n`,
      })
      expect(await h.fail()).toMatchObject({ code: 'TM5005', message, location: { line: 5 } })
      expect(await h.has('a')).toBe(false)
    })

    test.each([
      [
        'its other columns, as JSON',
        "SELECT a <> 2, a, 'x' AS note FROM generate_series(1, 3) AS a;",
        '{"a": 2, "note": "x"}',
      ],
      ['nothing where it has one column', 'SELECT false;', null],
      ['of a long row the beginning', "SELECT false, repeat('x', 1000) AS t;", `{"t": "${'x'.repeat(493)}`],
    ])(
      'a row that is not true is reported with %s, and without our own SQLSTATE',
      async (_, verify, detail) => {
        const h = await start({ '001_a': `-- @up\nSELECT 1;\n-- @verify\n${verify}\n` })
        expect((await h.fail()).details).toMatchObject({
          kind: 'verify',
          query: verify.replace(';', ''),
          detail,
          sqlState: null,
          where: null,
        })
      },
    )

    test('verify that holds passes, with more columns, comments and several statements, and changes nothing', async () => {
      const h = await start({
        '001_a': `-- @up
CREATE TABLE a (id int);
INSERT INTO a VALUES (1);
-- @verify
SELECT id = 1, 'more', id FROM a -- a comment
;
WITH t AS (SELECT true AS ok) SELECT ok FROM t ORDER BY 1;
TABLE pg_temp_check;
DO $$ BEGIN ASSERT (SELECT count(*) = 1 FROM a); END $$;
`.replace('TABLE pg_temp_check;\n', 'VALUES (true);\n'),
      })
      expect((await h.up()).done).toEqual(['001_a'])
    })

    test('an error in a verify query is located in the query', async () => {
      const h = await start({ '001_a': '-- @up\nSELECT 1;\n-- @verify\nSELECT true,\n  nothing_here;\n' })
      expect((await h.fail()).location).toEqual({ path: 'migrations/001_a.sql', line: 5, column: 3 })
    })

    test('a deferred constraint fails the migration, not its COMMIT', async () => {
      const h = await start({
        '001_a': `CREATE TABLE a (id int PRIMARY KEY);
          CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
          INSERT INTO b VALUES (1);`,
        '002_b': 'SELECT 1;',
      })
      expect(await h.fail()).toMatchObject({
        code: 'TM5004',
        message:
          '"001_a" failed at its end: insert or update on table "b" violates foreign key constraint "b_a_fkey"',
        details: { sqlState: '23503', constraint: 'b_a_fkey', notRun: ['002_b'] },
      })
      expect(await h.rows()).toEqual(['001_a failed', '002_b pending'])
    })

    test('a deferred constraint is not blamed on a verify', async () => {
      const h = await start({
        '001_a': `-- @up\nCREATE TABLE a (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1), (1);\n-- @verify\nSELECT true;\n`,
      })
      expect((await h.fail()).message).toMatch(/^"001_a" failed at its end: duplicate key/)
    })

    test('a notice belongs to the statement that gave it', async () => {
      const say = (text: string) => `DO $$ BEGIN RAISE NOTICE '${text}'; END $$;`
      const h = await start({
        '001_a': `${say('one')} SELECT 1; ${say('three')}`,
        '002_b': `SELECT 1; ${say('b two')} ${say('b three')}`,
      })
      await h.up()
      expect(briefly(h.events)).toEqual([
        'started 001_a (attempt 1)',
        'notice 001_a/0 one',
        'notice 001_a/2 three',
        'finished 001_a',
        'started 002_b (attempt 1)',
        'notice 002_b/1 b two',
        'notice 002_b/2 b three',
        'finished 002_b',
      ])
    })

    test('an error without a position is located at its statement, with everything the server says', async () => {
      const h = await start({
        '001_a':
          'CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (7);\n\nINSERT INTO a\n  VALUES (7);\nSELECT 1;',
      })
      expect(await h.fail()).toMatchObject({
        message: '"001_a" statement 3 of 4: duplicate key value violates unique constraint "a_pkey"',
        location: { path: 'migrations/001_a.sql', line: 5, column: 1 },
        help: 'a row with this key exists already; DETAIL names it',
        details: {
          index: 3,
          count: 4,
          sqlState: '23505',
          detail: 'Key (id)=(7) already exists.',
          table: 'a',
          constraint: 'a_pkey',
        },
      })
    })

    test('a position is counted in code points: an emoji before it shifts nothing', async () => {
      const h = await start({ '001_a': "SELECT '😀😀' /* 🚀 */, nothing_here;" })
      const error = await h.fail()
      expect(error.location).toEqual({ path: 'migrations/001_a.sql', line: 2, column: 22 })
      expect(error.details['sqlState']).toBe('42703')
    })

    test('errors inside DO, functions and triggers carry where they came from', async () => {
      const h = await start({
        '001_do': 'SELECT 1;\nDO $$ BEGIN\n  PERFORM nothing_here FROM pg_class;\nEND $$;',
      })
      const inDo = await h.fail()
      expect(inDo.details['where']).toMatch(/PL\/pgSQL function inline_code_block line 2 at PERFORM/)
      expect(inDo.details['internalQuery']).toBe('SELECT nothing_here FROM pg_class')
      h.files = {
        '001_do': `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1/0; END $$;\nSELECT f();`,
      }
      const inFunction = await h.fail()
      expect(inFunction).toMatchObject({ location: { line: 3, column: 1 } })
      expect(inFunction.details['where']).toMatch(/function f\(\) line 1 at RETURN/)
      h.files = {
        '001_do': `CREATE TABLE t (id int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never' USING HINT = 'do not'; END $$;
CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
INSERT INTO t VALUES (1);`,
      }
      const inTrigger = await h.fail()
      expect(inTrigger.details).toMatchObject({ index: 4, hint: 'do not', sqlState: 'P0001' })
      expect(inTrigger.details['where']).toMatch(/function f\(\) line 1 at RAISE/)
    })

    test('I11: a password in a statement is shown in no event, frame, message or history', async () => {
      const h = await start({
        '001_a': "CREATE ROLE secretive NOLOGIN PASSWORD 'hunter2\nmore'; SELECT 1/0;",
      })
      const error = await h.fail()
      const seen = JSON.stringify(
        [h.events, error.message, error.frame, error.details, error.help],
        (key, value) => (key === 'step' || key === 'plan' || key === 'error' ? undefined : value),
      )
      expect(seen).not.toContain('hunter2')
      expect(error.frame).toContain("PASSWORD '***'")
      expect(
        JSON.stringify(await h.database.query('SELECT details, error_message FROM migration_history')),
      ).not.toContain('hunter2')
    })

    test('I9: planning, status and a dry run write nothing', async () => {
      const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
      const runner = h.runner()
      const plan = await runner.createMigrationPlan()
      const status = await runner.status()
      const dry = await runner.runMigrations({ dryRun: true })
      expect(plan.steps.map((step) => step.id)).toEqual(['001_a'])
      expect([status.isTracked, status.pending, dry.outcome]).toEqual([false, ['001_a'], 'dry_run'])
      expect([await h.has('schema_migrations'), await h.has('a')]).toEqual([false, false])
    })

    test('I6: a changed applied file stops the run before anything runs', async () => {
      const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
      await h.up()
      h.files = { '001_a': 'CREATE TABLE a (id bigint);', '002_b': 'CREATE TABLE b (id int);' }
      expect((await h.fail()).code).toBe('TM4001')
      expect(await h.has('b')).toBe(false)
    })

    test('I10: a saved plan runs unchanged and is refused when the files have changed', async () => {
      const { savePlan } = await import('@tidemark/core')
      const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
      const target = (await h.runner().status()).target
      const saved = savePlan(await h.runner().createMigrationPlan(), target)
      h.files = { ...h.files, '002_b': 'SELECT 1;' }
      expect((await h.fail({}, { plan: saved })).code).toBe('TM4006')
      h.files = { '001_a': 'CREATE TABLE a (id int);' }
      expect((await h.up({}, { plan: saved })).done).toEqual(['001_a'])
    })

    test('more statements than a window holds go through in order', async () => {
      const inserts = Array.from({ length: 700 }, (_, index) => `INSERT INTO a VALUES (${index});`)
      const h = await start({
        '001_a': `CREATE TABLE a (n int);\n${inserts.join('\n')}`,
        '002_b': 'SELECT 1;',
      })
      await h.up()
      expect(await h.database.query('SELECT count(*)::int AS n, sum(n)::int AS sum FROM a')).toEqual([
        { n: 700, sum: 244650 },
      ])
      const finished = h.events.flatMap((e) =>
        e.kind === 'statement_finished' && e.id === '001_a' ? e.index : [],
      )
      expect(finished).toEqual(Array.from({ length: 701 }, (_, index) => index))
    })

    test.each([
      ['small', 10],
      ['larger than travels in the pipeline', 40_000],
    ])('COPY data that is %s arrives', async (_, rows) => {
      const data = Array.from({ length: rows }, (_, index) => `${index}\tzoë 😀`).join('\n')
      const h = await start({
        '001_a': `CREATE TABLE a (n int, t text);\nCOPY a FROM stdin;\n${data}\n\\.\nINSERT INTO a VALUES (-1, 'last');`,
        '002_b': 'CREATE TABLE b (id int);',
      })
      await h.up()
      expect(
        await h.database.query(
          "SELECT count(*)::int AS n, count(*) FILTER (WHERE t = 'zoë 😀')::int AS same FROM a",
        ),
      ).toEqual([{ n: rows + 1, same: rows }])
    })

    test('COPY data that does not fit is located in its line, and nothing stays', async () => {
      const h = await start({
        '001_a': 'CREATE TABLE a (n int);\nCOPY a FROM stdin;\n1\nx\n\\.\nSELECT 1;',
        '002_b': 'SELECT 1;',
      })
      const error = await h.fail()
      expect([error.details['sqlState'], error.location?.line, await h.has('a')]).toEqual(['22P02', 5, false])
    })

    test('grouped commits say applied only after one that waited for the disk', async () => {
      const files = Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [
          `${String(n).padStart(3, '0')}_t`,
          `CREATE TABLE t${n} (id int);`,
        ]),
      )
      const h = await start({ ...files, '020_bad': 'SELECT 1/0;' })
      const error = await h.fail({ commits: 'grouped' })
      expect(error.details['applied']).toEqual(Object.keys(files))
      const order = briefly(h.events)
      expect(order.indexOf('finished 006_t')).toBeGreaterThan(order.indexOf('started 007_t (attempt 1)'))
      expect(order.at(-1)).toBe('failed 020_bad')
    })

    test('rolling back runs the stored @down in one transaction with its record', async () => {
      const h = await start({
        '001_a': '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n',
        '002_b': '-- Depends on: [001_a]\n-- @up\nCREATE TABLE b (id int);\n-- @down\nDROP TABLE b;\n',
        '003_c':
          '-- Depends on: [002_b]\n-- @up\nCREATE TABLE c (id int);\n-- @down\nDROP TABLE c;\nDROP TABLE nothing_here;\n',
      })
      await h.up()
      const error = await h
        .runner()
        .rollBack()
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'TM5004',
        message: '"003_c" statement 2 of 2: table "nothing_here" does not exist',
      })
      expect([await h.has('c'), await h.rows()]).toEqual([
        true,
        ['001_a completed', '002_b completed', '003_c completed'],
      ])
      await h.database.query("UPDATE schema_migrations SET down_sql = 'DROP TABLE c' WHERE id = '003_c'")
      const result = await h.runner().rollBack({ request: { kind: 'to', id: '001_a' } })
      expect(result.done).toEqual(['003_c', '002_b'])
      expect([await h.has('b'), await h.has('c')]).toEqual([false, false])
      expect(await h.rows()).toEqual(['001_a completed', '002_b rolled_back', '003_c rolled_back'])
    })

    test('a run with nothing to do changes nothing but the note that there was one', async () => {
      const h = await start({ '001_a': 'SELECT 1;' })
      await h.up()
      const [before] = await h.database.query('SELECT * FROM database_schema')
      const { outcome, runId } = await h.up()
      expect(outcome).toBe('nothing_to_do')
      const [after] = await h.database.query('SELECT * FROM database_schema')
      const idle = { sequence: 1, runId, executedBy: 'ada@laptop', endedAt: expect.any(Number) }
      expect(after).toEqual({ ...before, idle })
      await h.up()
      expect(await h.database.query('SELECT * FROM database_schema')).toEqual([after])
    })
  })
}
