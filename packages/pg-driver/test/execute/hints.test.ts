import { createTestDatabase, startServer, type TestServer } from '@tidemark/test-servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { none } from '../support/autocommit-suite.ts'
import { createHarness, type Files } from '../support/engine-harness.ts'
import { createServerHarness, serverDatabase } from '../support/server-harness.ts'

let drop: (() => Promise<void>) | undefined
afterEach(async () => {
  await drop?.()
  drop = undefined
})

interface Cause {
  readonly name: string
  /** SQL that was run by others before. */
  readonly before?: string
  readonly files?: Files
  readonly text: string
  readonly help: string
}

const ADOPT =
  'it already exists: if the database was not created by these migrations, check what it has, then adopt it with "tidemark baseline --through ID"'
const TWICE = 'it does not exist outside of this migration: the file itself makes it twice'
const LEFT =
  'it already exists, and this migration was rolled back before: if its @down did not remove all that it made, complete the @down, and remove the rest by hand'
const FIX = 'fix the file and run "tidemark up" again'
const NO_RELATION =
  'the relation does not exist here: check its spelling and schema, search_path, and whether the migration that creates it is in "Depends on"'
const NO_FUNCTION =
  'no such function or operator takes these types here: check the argument types, search_path, "Depends on", and whether an extension is missing'
const NO_OBJECT =
  'it does not exist here: check its spelling and "Depends on"; it may also come from an extension, or be a role or setting that this server does not have'
const NO_ROW = 'a row refers to one that does not exist, or is still referred to; DETAIL names it'
const IN_BLOCK = 'this cannot run inside a transaction block: add "-- Transaction: none" to the header'
const IN_FUNCTION =
  'this cannot run inside a function or DO block: write it as a statement of its own, with "-- Transaction: none" in the header'
const DEPENDS = 'other objects depend on it: drop them first, or use CASCADE'
const ENDED =
  'a procedure or DO block ended the transaction: with "-- Transaction: none" in the header it may, where it is called by itself, and not from a function or inside a block with EXCEPTION'
const NO_SCHEMA =
  'no schema of the search_path exists or may be used: correct its name, or create it. It comes from "searchPath", from the database URL (schema, currentSchema, search_path, options), or from the role or the database'
const NOWHERE =
  'the schema does not exist here: check its spelling, and whether the migration that creates it is in "Depends on"'
const SMALLINT = 'CREATE TABLE t (a int);'
const NEW_ENUM = 'a new enum value can only be used after its transaction: add it in a migration of its own'

const CAUSES: Readonly<Record<string, readonly Cause[]>> = {
  '42P07': [
    { name: 'made before the migrations', before: 'CREATE TABLE t (a int)', text: SMALLINT, help: ADOPT },
    { name: 'made twice by the file', text: `${SMALLINT}\nCREATE TABLE t (b int);`, help: TWICE },
    {
      name: 'left by a @down',
      files: { '009_x': `-- @up\n${SMALLINT}\n-- @down\nSELECT 1;\n` },
      text: SMALLINT,
      help: LEFT,
    },
    {
      name: 'made by an earlier statement without a transaction',
      text: none(`${SMALLINT}\nCREATE TABLE t (b int);`),
      help: `${ADOPT}; if an earlier statement of this file made it, remove one of the two, or write IF NOT EXISTS`,
    },
    {
      name: 'raised by the file itself',
      before: SMALLINT,
      text: "DO $$ BEGIN RAISE 'close the books of \"t\" first' USING ERRCODE = '42P07'; END $$;",
      help: FIX,
    },
  ],
  '42710': [
    {
      name: 'a type of others',
      before: "CREATE TYPE mood AS ENUM ('ok')",
      text: "CREATE TYPE mood AS ENUM ('bad');",
      help: ADOPT,
    },
    {
      name: 'a trigger made twice',
      before:
        'CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      text: 'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\nCREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();',
      help: TWICE,
    },
    {
      name: 'a policy left by a @down',
      before: 'CREATE TABLE t (a int)',
      files: { '009_x': '-- @up\nCREATE POLICY p ON t USING (true);\n-- @down\nSELECT 1;\n' },
      text: 'CREATE POLICY p ON t USING (true);',
      help: LEFT,
    },
    { name: 'a role', text: 'CREATE ROLE copy_of_a_role; CREATE ROLE copy_of_a_role;', help: TWICE },
  ],
  '42701': [
    {
      name: 'a column of others',
      before: 'CREATE TABLE t (a int, b int)',
      text: 'ALTER TABLE t ADD b int;',
      help: ADOPT.replace('it', 'the column'),
    },
    {
      name: 'named twice in one statement',
      text: 'CREATE TABLE t (a int, a int);',
      help: TWICE.replace('it', 'the column'),
    },
    {
      name: 'added twice by the file',
      before: SMALLINT,
      text: 'ALTER TABLE t ADD b int;\nALTER TABLE t ADD b text;',
      help: TWICE.replace('it', 'the column'),
    },
    {
      name: 'named twice by an INSERT',
      before: SMALLINT,
      text: 'INSERT INTO t (a, a) VALUES (1, 2);',
      help: TWICE.replace('it', 'the column'),
    },
  ],
  '42P01': [
    { name: 'missing', text: 'SELECT * FROM nowhere;', help: NO_RELATION },
    {
      name: 'in another schema',
      before: 'CREATE SCHEMA s; CREATE TABLE s.t ()',
      text: 'SELECT * FROM t;',
      help: NO_RELATION,
    },
    { name: 'missing in FROM', before: SMALLINT, text: 'SELECT u.a FROM t;', help: FIX },
  ],
  '42883': [
    { name: 'a function', text: 'SELECT uuid_generate_v4();', help: NO_FUNCTION },
    { name: 'an operator', text: "SELECT 1 = 'a'::text;", help: NO_FUNCTION },
    { name: 'a type that cannot be compared', text: "SELECT DISTINCT '{}'::json;", help: NO_FUNCTION },
  ],
  '42704': [
    { name: 'a type', text: 'CREATE TABLE t (a citext);', help: NO_OBJECT },
    { name: 'a role', text: 'GRANT CONNECT ON DATABASE postgres TO nobody_at_all;', help: NO_OBJECT },
    { name: 'a setting', text: 'SET work_memory = 1;', help: NO_OBJECT },
  ],
  '23505': [
    {
      name: 'a unique index over equal rows',
      before: 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)',
      text: 'CREATE UNIQUE INDEX ON t (a);',
      help: 'rows in the table have the same key; DETAIL names one',
    },
    {
      name: 'a row that is there',
      before: 'CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)',
      text: 'INSERT INTO t VALUES (1);',
      help: 'a row with this key exists already; DETAIL names it',
    },
    {
      name: 'a deferred constraint',
      before: 'CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (1)',
      text: 'INSERT INTO t VALUES (1);',
      help: 'a row with this key exists already; DETAIL names it',
    },
  ],
  '23503': [
    {
      name: 'a foreign key over orphans',
      before: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int); INSERT INTO t VALUES (1)',
      text: 'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p;',
      help: NO_ROW,
    },
    {
      name: 'a child without a parent',
      before: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p)',
      text: 'INSERT INTO t VALUES (1);',
      help: NO_ROW,
    },
    {
      name: 'a parent with children',
      before:
        'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1)',
      text: 'DELETE FROM p;',
      help: NO_ROW,
    },
  ],
  '23502': [
    {
      name: 'SET NOT NULL',
      before: 'CREATE TABLE t (a int); INSERT INTO t VALUES (NULL)',
      text: 'ALTER TABLE t ALTER a SET NOT NULL;',
      help: 'rows have no value in that column: fill it first, or set a default',
    },
    {
      name: 'an INSERT',
      before: 'CREATE TABLE t (a int NOT NULL)',
      text: 'INSERT INTO t VALUES (NULL);',
      help: 'a value is missing where NULL is not allowed: give one, or set a default',
    },
    {
      name: 'a domain',
      before: 'CREATE DOMAIN d AS int NOT NULL',
      text: 'SELECT NULL::d;',
      help: 'a value is missing where NULL is not allowed: give one, or set a default',
    },
  ],
  '23514': [
    {
      name: 'a constraint over rows',
      before: 'CREATE TABLE t (a int); INSERT INTO t VALUES (1)',
      text: 'ALTER TABLE t ADD CHECK (a > 1);',
      help: 'rows in the table contradict the constraint: fix them first; ADD CONSTRAINT … NOT VALID leaves them for later',
    },
    {
      name: 'an INSERT',
      before: 'CREATE TABLE t (a int CHECK (a > 1))',
      text: 'INSERT INTO t VALUES (1);',
      help: 'a row contradicts the constraint: fix the row, or the constraint',
    },
    {
      name: 'a row without a partition',
      before: 'CREATE TABLE t (a int) PARTITION BY LIST (a)',
      text: 'INSERT INTO t VALUES (1);',
      help: 'no partition takes this row: create one for it first',
    },
    {
      name: 'a partition with other rows',
      before:
        'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE q (a int); INSERT INTO q VALUES (2)',
      text: 'ALTER TABLE t ATTACH PARTITION q FOR VALUES IN (1);',
      help: 'rows in the table do not belong into that partition: move them first',
    },
  ],
  '3F000': [
    {
      name: 'no schema to create in',
      text: 'SET search_path = nowhere;\nCREATE TABLE t ();',
      help: NO_SCHEMA,
    },
    {
      name: 'no schema to create a function in',
      text: "SET search_path = nowhere;\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      help: NO_SCHEMA,
    },
    { name: 'a schema that is named', text: 'CREATE TABLE nowhere.t ();', help: NOWHERE },
    { name: 'a schema of a new one', text: 'ALTER SCHEMA nowhere RENAME TO there;', help: NOWHERE },
  ],
  '25001': [
    {
      name: 'a statement without a transaction, hidden from the text',
      text: "DO $$ BEGIN EXECUTE 'VACUUM'; END $$;",
      help: IN_FUNCTION,
    },
    {
      name: 'in a block that has no transaction around it',
      text: none("DO $$ BEGIN EXECUTE 'VACUUM'; END $$;"),
      help: IN_FUNCTION,
    },
    {
      name: 'SET TRANSACTION',
      text: 'SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;',
      help: 'begin "@up" with SET TRANSACTION ISOLATION LEVEL; of its other modes, a migration can have none',
    },
    {
      name: 'a statement that refuses a block',
      before: 'CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE INDEX i ON t (a)',
      text: 'REINDEX TABLE t;',
      help: IN_BLOCK,
    },
  ],
  '25006': [
    {
      name: 'the file',
      text: 'SET TRANSACTION READ ONLY;\nCREATE TABLE t ();',
      help: 'the file makes its transaction read-only: remove that',
    },
    {
      name: 'the file, by a setting',
      text: 'SET default_transaction_read_only = on; SET transaction_read_only = on;\nCREATE TABLE t ();',
      help: 'the file makes its transaction read-only: remove that',
    },
    {
      name: 'the file, at its end',
      text: 'SET TRANSACTION READ ONLY;',
      help: 'the file makes its transaction read-only, so it cannot be recorded: remove that',
    },
  ],
  '55P04': [
    {
      name: 'an INSERT',
      before: "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (a e)",
      text: "ALTER TYPE e ADD VALUE 'b';\nINSERT INTO t VALUES ('b');",
      help: NEW_ENUM,
    },
    {
      name: 'a default',
      before: "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (a e)",
      text: "ALTER TYPE e ADD VALUE 'b';\nALTER TABLE t ALTER a SET DEFAULT 'b';",
      help: NEW_ENUM,
    },
    {
      name: 'a comparison',
      before: "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (a e)",
      text: "ALTER TYPE e ADD VALUE 'b';\nSELECT * FROM t WHERE a = 'b';",
      help: NEW_ENUM,
    },
  ],
  '0A000': [
    {
      name: 'a column of a view',
      before: 'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t',
      text: 'ALTER TABLE t ALTER a TYPE text;',
      help: FIX,
    },
    { name: 'an extension that is not installed', text: 'CREATE EXTENSION nothing_like_it;', help: FIX },
    {
      name: 'a window function over DISTINCT',
      text: 'SELECT count(DISTINCT a) OVER () FROM (SELECT 1 AS a) t;',
      help: FIX,
    },
  ],
  '54000': [
    {
      name: 'a key that is too large',
      before: 'CREATE TABLE t (a text); CREATE INDEX ON t (a)',
      text: "INSERT INTO t SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1000) i;",
      help: 'a limit of PostgreSQL is exceeded: the message says which',
    },
    {
      name: 'an array that is too large',
      text: 'SELECT array_fill(1, ARRAY[1000000000]);',
      help: 'a limit of PostgreSQL is exceeded: the message says which',
    },
    {
      name: 'a text that is too large',
      text: "SELECT repeat('x', 2000000000);",
      help: 'a limit of PostgreSQL is exceeded: the message says which',
    },
  ],
  '2D000': [
    { name: 'a DO block', text: 'DO $$ BEGIN COMMIT; END $$;', help: ENDED },
    {
      name: 'a procedure',
      before: 'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; END $$',
      text: 'CALL p();',
      help: ENDED,
    },
    {
      name: 'a function, where no header helps',
      before: 'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$',
      text: none('SELECT f();'),
      help: ENDED,
    },
  ],
  '2BP01': [
    {
      name: 'a view',
      before: 'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t',
      text: 'DROP TABLE t;',
      help: DEPENDS,
    },
    {
      name: 'a column',
      before: "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (a e)",
      text: 'DROP TYPE e;',
      help: DEPENDS,
    },
    {
      name: 'a role that owns',
      text: 'CREATE ROLE owns_a_table;\nCREATE TABLE t ();\nALTER TABLE t OWNER TO owns_a_table;\nDROP ROLE owns_a_table;',
      help: 'the role still owns or may use objects: REASSIGN OWNED and DROP OWNED in each database first',
    },
  ],
}

describe.each(Object.entries(CAUSES))('the hint of %s is right for', (sqlState, causes) => {
  test('at least three causes', () => {
    expect(causes.length).toBeGreaterThanOrEqual(3)
  })

  test.each(causes)('$name', async ({ before, files, text, help }) => {
    const h = await createServerHarness(files ?? {})
    drop = h.database.drop
    if (before !== undefined) await h.server.query(before)
    if (files !== undefined) {
      await h.up()
      await h.runner().rollBack({})
    }
    h.files = { '009_x': text }
    expect(await h.fail()).toMatchObject({ details: { sqlState }, help })
  })
})

describe('what a server of its own is needed for', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ settings: { max_locks_per_transaction: '10', max_connections: '10' } })
  }, 60_000)
  afterAll(() => server.remove())

  test('53200 may be the table of locks, and no want of memory', async () => {
    const database = await createTestDatabase({ server })
    const many = Array.from({ length: 2000 }, (_, at) => `CREATE TABLE t${at} (a int PRIMARY KEY);`).join(
      '\n',
    )
    const h = createHarness(
      { open: serverDatabase(database.url), query: (sql) => database.query(sql), drop: database.drop },
      { '001_a': many },
    )
    expect(await h.fail()).toMatchObject({
      details: { sqlState: '53200' },
      help: 'the table of locks is full: raise max_locks_per_transaction, or touch fewer objects in one migration',
    })
  })

  test('25006 may be a setting of the role or the database', async () => {
    const database = await createTestDatabase({ server })
    const h = createHarness(
      { open: serverDatabase(database.url), query: (sql) => database.query(sql), drop: database.drop },
      { '001_a': 'SELECT 1;' },
    )
    await h.up()
    await database.query(`ALTER DATABASE "${database.name}" SET default_transaction_read_only = on`)
    h.files = { ...h.files, '002_b': 'CREATE TABLE t ();' }
    expect((await h.fail()).help).toContain('default_transaction_read_only is on for this role, database')
  })
})
