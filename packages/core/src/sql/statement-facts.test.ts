import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanSql } from './scan.ts'
import { readStatementFacts } from './statement-facts.ts'

function factsOf(text: string) {
  const [statement] = scanSql(text).statements
  if (statement === undefined) throw new TypeError('the text has a statement')
  return readStatementFacts(text, statement)
}

describe('transaction control', () => {
  it.each([
    ['BEGIN', 'begin'],
    ['begin isolation level serializable;', 'begin'],
    ['START TRANSACTION READ ONLY', 'begin'],
    ['COMMIT AND CHAIN', 'commit'],
    ['END WORK', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['ROLLBACK TRANSACTION AND NO CHAIN', 'rollback'],
    ['ABORT', 'rollback'],
    ["PREPARE TRANSACTION 'x'", 'prepare'],
    ["COMMIT PREPARED 'x'", 'finish_prepared'],
    ["ROLLBACK PREPARED 'x'", 'finish_prepared'],
  ])('%s is one', (text, kind) => {
    expect(factsOf(text).transactionControl).toBe(kind)
  })

  it.each([
    'SAVEPOINT a',
    'RELEASE SAVEPOINT a',
    'ROLLBACK TO a',
    'ROLLBACK WORK TO SAVEPOINT a',
    'PREPARE p AS SELECT 1',
    'DO $$ BEGIN COMMIT; END $$',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END',
    'SELECT begin, "commit" FROM rollback',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
  ])('%s is none', (text) => {
    expect(factsOf(text).transactionControl).toBe(undefined)
  })
})

describe('what a transaction block refuses', () => {
  it.each([
    ['CREATE INDEX CONCURRENTLY ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['CREATE UNIQUE INDEX /* c */ concurrently i ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['DROP INDEX CONCURRENTLY IF EXISTS i', 'DROP INDEX CONCURRENTLY'],
    ['REINDEX INDEX CONCURRENTLY i', 'REINDEX INDEX CONCURRENTLY'],
    ['REINDEX (VERBOSE, CONCURRENTLY) TABLE t', 'REINDEX TABLE CONCURRENTLY'],
    ['REINDEX SCHEMA s', 'REINDEX SCHEMA'],
    ['REINDEX DATABASE', 'REINDEX DATABASE'],
    ['REINDEX (VERBOSE) SYSTEM', 'REINDEX SYSTEM'],
    ['VACUUM', 'VACUUM'],
    ['VACUUM (FULL, ANALYZE) t', 'VACUUM'],
    ["ALTER SYSTEM SET work_mem = '1MB'", 'ALTER SYSTEM'],
    ['CREATE DATABASE d', 'CREATE DATABASE'],
    ['DROP DATABASE IF EXISTS d', 'DROP DATABASE'],
    ["CREATE TABLESPACE s LOCATION '/x'", 'CREATE TABLESPACE'],
    ['DROP TABLESPACE s', 'DROP TABLESPACE'],
    ['ALTER DATABASE d SET TABLESPACE s', 'ALTER DATABASE SET TABLESPACE'],
    ['ALTER TABLE t DETACH PARTITION p CONCURRENTLY', 'DETACH PARTITION CONCURRENTLY'],
    ['CLUSTER', 'CLUSTER without a table'],
    ['CLUSTER (VERBOSE)', 'CLUSTER without a table'],
    ['DISCARD ALL', 'DISCARD ALL'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", 'CREATE SUBSCRIPTION'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = true)", 'CREATE SUBSCRIPTION'],
    ['DROP SUBSCRIPTION s', 'DROP SUBSCRIPTION'],
    ['ALTER SUBSCRIPTION s REFRESH PUBLICATION', 'ALTER SUBSCRIPTION REFRESH PUBLICATION'],
    ['ALTER SUBSCRIPTION s SET PUBLICATION p', 'ALTER SUBSCRIPTION SET PUBLICATION'],
    ['ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (copy_data = false)', 'ALTER SUBSCRIPTION ADD PUBLICATION'],
    ['ALTER SUBSCRIPTION s SET (failover = true)', 'ALTER SUBSCRIPTION SET (failover)'],
  ])('%s', (text, what) => {
    expect(factsOf(text).refusesTransaction).toBe(what)
  })

  it.each([
    'CREATE INDEX i ON t (a)',
    'CREATE INDEX "concurrently" ON t (a)',
    'DROP INDEX i',
    'REINDEX TABLE t',
    'REINDEX (CONCURRENTLY false) TABLE t',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
    "ALTER TYPE mood ADD VALUE 'x'",
    'ALTER TABLE t DETACH PARTITION p',
    'ALTER TABLE t DETACH PARTITION p FINALIZE',
    'CLUSTER t USING i',
    'DISCARD TEMP',
    'ALTER DATABASE d SET default_tablespace = s',
    'ALTER DATABASE d RESET TABLESPACE',
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)",
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = off, slot_name = 'a')",
    'ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)',
    'ALTER SUBSCRIPTION s ENABLE',
    'ALTER SUBSCRIPTION s SET (slot_name = NONE)',
    'ANALYZE t',
    "COMMENT ON TABLE t IS 'VACUUM'",
  ])('not %s', (text) => {
    expect(factsOf(text).refusesTransaction).toBe(undefined)
  })
})

describe('destructions', () => {
  it.each([
    [
      'DROP TABLE IF EXISTS a, "B"."c d" CASCADE',
      [
        {
          kind: 'drop',
          object: 'table',
          names: [{ name: 'a' }, { schema: 'B', name: 'c d' }],
          cascade: true,
        },
      ],
    ],
    [
      'DROP FUNCTION f(int, text), s.g',
      [
        {
          kind: 'drop',
          object: 'function',
          names: [{ name: 'f' }, { schema: 's', name: 'g' }],
          cascade: false,
        },
      ],
    ],
    [
      'DROP SCHEMA U&"t\\0069demark"',
      [{ kind: 'drop', object: 'schema', names: [{ name: 'tidemark' }], cascade: false }],
    ],
    [
      'DROP MATERIALIZED VIEW v',
      [{ kind: 'drop', object: 'materialized view', names: [{ name: 'v' }], cascade: false }],
    ],
    [
      'DROP TEXT SEARCH DICTIONARY d',
      [{ kind: 'drop', object: 'text search dictionary', names: [{ name: 'd' }], cascade: false }],
    ],
    ['DROP OWNED BY r', [{ kind: 'drop', object: 'owned', names: [{ name: 'r' }], cascade: false }]],
    ['TRUNCATE ONLY a, b.c *', [{ kind: 'truncate', tables: [{ name: 'a' }, { schema: 'b', name: 'c' }] }]],
    ['DELETE FROM t', [{ kind: 'delete_all', table: { name: 't' } }]],
    ['DELETE FROM t USING (SELECT 1 WHERE true) x', [{ kind: 'delete_all', table: { name: 't' } }]],
    [
      'UPDATE ONLY s.t SET a = (SELECT 1 WHERE true)',
      [{ kind: 'update_all', table: { schema: 's', name: 't' } }],
    ],
    [
      'WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x WHERE a',
      [{ kind: 'delete_all', table: { name: 't' } }],
    ],
    ...['true', '1 = 1;', 't.id = t.id;', '(id = 4) OR TRUE', "'a' = 'a' RETURNING id"].map(
      (condition): [string, readonly object[]] => [
        `DELETE FROM t WHERE ${condition}`,
        [{ kind: 'delete_all', table: { name: 't' } }],
      ],
    ),
    ['UPDATE t SET a = 1 WHERE true AND b RETURNING 1', []],
    ['DELETE FROM t WHERE CURRENT OF c', []],
    ['DELETE FROM t WHERE false', []],
    [
      'MERGE INTO s.t USING u ON t.a = u.a WHEN NOT MATCHED THEN DO NOTHING WHEN MATCHED AND u.b THEN DELETE;',
      [{ kind: 'delete_matched', table: { schema: 's', name: 't' } }],
    ],
    ['MERGE INTO t USING u ON true WHEN MATCHED THEN UPDATE SET a = CASE WHEN b THEN delete END', []],
    ['EXPLAIN ANALYZE DELETE FROM t', [{ kind: 'delete_all', table: { name: 't' } }]],
    ['PREPARE as_is(int, text) AS DELETE FROM t', [{ kind: 'delete_all', table: { name: 't' } }]],
    ['PREPARE p AS DELETE FROM t WHERE id = $1', []],
    [
      'PREPARE p AS MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE',
      [{ kind: 'delete_matched', table: { name: 't' } }],
    ],
    [
      "COPY (WITH x AS (UPDATE t SET a = 1 RETURNING a) SELECT * FROM x) TO '/tmp/x'",
      [{ kind: 'update_all', table: { name: 't' } }],
    ],
    ["COPY (DELETE FROM t RETURNING a) TO '/tmp/x'", [{ kind: 'delete_all', table: { name: 't' } }]],
    ['COPY t (a) TO STDOUT (FORMAT csv)', []],
    [
      'ALTER TABLE t DROP COLUMN IF EXISTS a, DROP b, ALTER c TYPE int, ALTER COLUMN d SET DATA TYPE text, DROP CONSTRAINT e',
      [
        { kind: 'drop_column', table: { name: 't' }, name: 'a' },
        { kind: 'drop_column', table: { name: 't' }, name: 'b' },
        { kind: 'change_type', table: { name: 't' }, name: 'c' },
        { kind: 'change_type', table: { name: 't' }, name: 'd' },
        { kind: 'drop_constraint', table: { name: 't' }, name: 'e' },
      ],
    ],
    ['ALTER TYPE c DROP ATTRIBUTE a', [{ kind: 'drop_column', table: { name: 'c' }, name: 'a' }]],
  ])('%s', (text, destructions) => {
    expect(factsOf(text).destructions).toEqual(destructions)
  })

  it.each([
    'DELETE FROM t WHERE a = 1',
    'WITH x AS (SELECT 1) UPDATE t SET a = 1 WHERE b',
    'INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2',
    'SELECT * FROM t FOR UPDATE',
    'ALTER TABLE t ALTER a DROP NOT NULL, ALTER b SET DEFAULT 1, ADD type int',
    'CREATE TRIGGER t AFTER UPDATE OR DELETE ON t EXECUTE FUNCTION f()',
    'GRANT DELETE, TRUNCATE ON t TO r',
    'EXPLAIN DELETE FROM t',
  ])('none in %s', (text) => {
    expect(factsOf(text).destructions).toEqual([])
  })
})

describe('strong locks', () => {
  const exclusive = (...names: readonly string[]) => names.map((name) => `ACCESS EXCLUSIVE ${name}`)

  it.each<[string, readonly string[]]>([
    ['CREATE INDEX ON t (a)', ['SHARE t']],
    ['CREATE INDEX CONCURRENTLY ON t (a)', []],
    [
      'CREATE TABLE t (a int REFERENCES u (b), FOREIGN KEY (a) REFERENCES v)',
      ['SHARE ROW EXCLUSIVE u', 'SHARE ROW EXCLUSIVE v'],
    ],
    ['CREATE TABLE p PARTITION OF t FOR VALUES IN (1)', exclusive('t')],
    ['CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION f()', ['SHARE ROW EXCLUSIVE t']],
    ['CREATE POLICY p ON t USING (true)', exclusive('t')],
    ['CREATE RULE r AS ON INSERT TO t DO NOTHING', exclusive('t')],
    ['CREATE OR REPLACE VIEW v AS SELECT 1', exclusive('v')],
    ['CREATE VIEW v AS SELECT 1', []],
    ['ALTER TABLE t ADD COLUMN a int', exclusive('t')],
    [
      'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (b) NOT VALID',
      ['SHARE ROW EXCLUSIVE t', 'SHARE ROW EXCLUSIVE u'],
    ],
    ['ALTER TABLE t ADD COLUMN a int REFERENCES u', [...exclusive('t'), 'SHARE ROW EXCLUSIVE u']],
    ['ALTER TABLE t ADD CHECK (a > 0) NOT VALID', exclusive('t')],
    ['ALTER TABLE t VALIDATE CONSTRAINT c', []],
    ['ALTER TABLE t ALTER a SET STATISTICS 100, SET (fillfactor = 70)', []],
    ['ALTER TABLE t DISABLE TRIGGER ALL', ['SHARE ROW EXCLUSIVE t']],
    ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', exclusive('t')],
    ['ALTER TABLE t RENAME TO u', exclusive('t')],
    ['ALTER TABLE t ATTACH PARTITION p DEFAULT', exclusive('p')],
    ['ALTER TABLE t DETACH PARTITION p', exclusive('t', 'p')],
    ['ALTER TABLE t DETACH PARTITION p CONCURRENTLY', []],
    ['ALTER INDEX i RENAME TO j', []],
    ['ALTER SEQUENCE s RESTART', ['SHARE ROW EXCLUSIVE s']],
    ['ALTER SEQUENCE s OWNED BY t.c', ['SHARE ROW EXCLUSIVE s']],
    ['ALTER SEQUENCE s RENAME TO r', exclusive('s')],
    ['ALTER SEQUENCE s OWNER TO r', exclusive('s')],
    ['ALTER SEQUENCE s SET SCHEMA r', exclusive('s')],
    ['ALTER TABLE t DROP CONSTRAINT c, ADD FOREIGN KEY (a) REFERENCES u', exclusive('t', 'u')],
    ['DROP TABLE a, b', exclusive('a', 'b')],
    ['DROP INDEX i', exclusive('i', '?')],
    ['DROP TRIGGER x ON t', exclusive('t')],
    ['TRUNCATE t', exclusive('t')],
    ['LOCK TABLE a, b', exclusive('a', 'b')],
    ['LOCK a IN SHARE MODE', ['SHARE a']],
    ['LOCK a IN ROW EXCLUSIVE MODE', []],
    ['CLUSTER t', exclusive('t')],
    ['VACUUM FULL t', exclusive('t')],
    ['VACUUM (FULL, ANALYZE) t (a, b), s.u', exclusive('t', 'u')],
    ['VACUUM t', []],
    ['REINDEX TABLE t', ['SHARE t']],
    ['REFRESH MATERIALIZED VIEW v', exclusive('v')],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY v', ['EXCLUSIVE v']],
    ['INSERT INTO t VALUES (1)', []],
    ['COMMENT ON TABLE t IS NULL', []],
  ])('of %s', (text, locks) => {
    const found = factsOf(text).strongLocks.map(({ mode, relation }) => `${mode} ${relation?.name ?? '?'}`)
    expect(found).toEqual(locks)
  })
})

describe('what is locked besides the relation that is named', () => {
  it.each<[string, readonly string[]]>([
    ['DROP TABLE a', ['referenced_and_parent']],
    ['DROP TABLE a CASCADE', ['referenced_and_parent', 'dependents']],
    ['DROP VIEW v', []],
    ['DROP VIEW v CASCADE', ['dependents']],
    ['ALTER TABLE t DROP CONSTRAINT c', ['referenced_by_constraint']],
    ['ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE', ['referenced_by_constraint', 'dependents']],
    ['ALTER TABLE t DROP a CASCADE, ADD b int', ['dependents']],
    ['ALTER TABLE t ADD COLUMN a int', []],
  ])('by %s', (text, also) => {
    expect(factsOf(text).strongLocks.flatMap((lock) => lock.also ?? [])).toEqual(also)
  })
})

describe('session touches', () => {
  it.each([
    ['SET search_path = a, b', [{ kind: 'setting', name: 'search_path', scope: 'session' }]],
    ['SET LOCAL work_mem TO 1', [{ kind: 'setting', name: 'work_mem', scope: 'transaction' }]],
    ["SET SESSION TIME ZONE 'UTC'", [{ kind: 'setting', name: 'timezone', scope: 'session' }]],
    ['RESET ALL', [{ kind: 'setting', name: 'all', scope: 'session' }]],
    ['SET my.var = 1', [{ kind: 'setting', name: 'my.var', scope: 'session' }]],
    [
      'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
      [{ kind: 'setting', name: 'transaction_mode', scope: 'session' }],
    ],
    ['SET ROLE r', [{ kind: 'role', scope: 'session' }]],
    ['SET LOCAL ROLE r', [{ kind: 'role', scope: 'transaction' }]],
    ['SET role TO r', [{ kind: 'role', scope: 'session' }]],
    ['RESET ROLE', [{ kind: 'role', scope: 'session' }]],
    ['SET SESSION AUTHORIZATION r', [{ kind: 'session_authorization', scope: 'session' }]],
    ['SET SESSION SESSION AUTHORIZATION r', [{ kind: 'session_authorization', scope: 'session' }]],
    ['RESET SESSION AUTHORIZATION', [{ kind: 'session_authorization', scope: 'session' }]],
    [
      "SELECT set_config('search_path', '', false)",
      [{ kind: 'setting', name: 'search_path', scope: 'session' }],
    ],
    [
      "SELECT pg_catalog.set_config('a.b', '1', true)",
      [{ kind: 'setting', name: 'a.b', scope: 'transaction' }],
    ],
    ['CREATE TEMP TABLE t (a int)', [{ kind: 'temporary_object' }]],
    ['CREATE TABLE pg_temp.t (a int)', [{ kind: 'temporary_object' }]],
    ['CREATE TEMPORARY VIEW v AS SELECT 1', [{ kind: 'temporary_object' }]],
    ['SELECT 1 INTO TEMP t', [{ kind: 'temporary_object' }]],
    ['LISTEN c', [{ kind: 'listen' }]],
    ['PREPARE p AS SELECT 1', [{ kind: 'prepared_statement' }]],
    ['DECLARE c CURSOR WITH HOLD FOR SELECT 1', [{ kind: 'cursor' }]],
    ['DECLARE c CURSOR FOR SELECT 1', [{ kind: 'unknown', because: 'view' }]],
    ['SELECT pg_advisory_lock(1)', [{ kind: 'advisory_lock' }]],
    ['SELECT pg_advisory_unlock_all()', [{ kind: 'advisory_lock' }]],
    ["SELECT setval('s', 1)", [{ kind: 'sequence' }]],
    ['DISCARD TEMP', [{ kind: 'discard' }]],
    ['DO $$ BEGIN END $$', [{ kind: 'unknown', because: 'code' }]],
    ['CALL p()', [{ kind: 'unknown', because: 'code' }]],
    ['CREATE EXTENSION citext', [{ kind: 'unknown', because: 'code' }]],
    ['SELECT f(1)', [{ kind: 'unknown', because: 'function' }]],
    ['SELECT other.now()', [{ kind: 'unknown', because: 'function' }]],
    ['SELECT "now" (1), "F"(2)', [{ kind: 'unknown', because: 'function' }]],
    ['SELECT a FROM t', [{ kind: 'unknown', because: 'view' }]],
    ['INSERT INTO t (a, b) VALUES (1, now())', [{ kind: 'unknown', because: 'trigger' }]],
    ['CREATE INDEX ON t (f(a))', [{ kind: 'unknown', because: 'function' }]],
    ['ALTER TABLE t ADD COLUMN a int DEFAULT f()', [{ kind: 'unknown', because: 'function' }]],
    [
      'CREATE TEMP TABLE t AS WITH gone AS (DELETE FROM a RETURNING b) SELECT b FROM gone',
      [
        { kind: 'temporary_object' },
        { kind: 'unknown', because: 'view' },
        { kind: 'unknown', because: 'trigger' },
      ],
    ],
    [
      'CREATE TEMP TABLE t ON COMMIT DELETE ROWS AS SELECT 1',
      [{ kind: 'temporary_object' }, { kind: 'unknown', because: 'view' }],
    ],
    ['no such command', [{ kind: 'unknown', because: 'code' }]],
  ])('of %s', (text, touches) => {
    expect(factsOf(text).sessionTouches).toEqual(touches)
  })

  it.each([
    'CREATE TABLE t (id uuid DEFAULT gen_random_uuid(), n numeric(10, 2) CHECK (n > 0), UNIQUE (id))',
    'CREATE UNIQUE INDEX IF NOT EXISTS i ON s.t USING gin (lower(a), (b || c)) INCLUDE (d) WHERE e IN (1)',
    'ALTER TABLE t ADD COLUMN a varchar(10) DEFAULT now() REFERENCES u (b) ON DELETE CASCADE',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT set_config($1, $2, false) $$',
    'CREATE VIEW v AS SELECT f(1)',
    'DROP TABLE t',
    'SELECT pg_advisory_xact_lock(1)',
    'SELECT 1, count(1), coalesce(1, 2)',
    'SET TRANSACTION READ ONLY',
    'SET CONSTRAINTS ALL DEFERRED',
    'GRANT SELECT ON t TO r',
    'COMMENT ON TABLE t IS $$LISTEN$$',
    'NOTIFY c',
    'SAVEPOINT a',
  ])('none of %s', (text) => {
    expect(factsOf(text).sessionTouches).toEqual([])
  })
})

describe('what is made, read and loaded', () => {
  it('gives all facts of an index', () => {
    expect(
      factsOf('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I" ON ONLY app.orders (id)').indexBuild,
    ).toEqual({
      name: 'I',
      table: { schema: 'app', name: 'orders' },
      unique: true,
      concurrently: true,
      ifNotExists: true,
      only: true,
    })
    expect(factsOf('CREATE INDEX ON orders (id)').indexBuild?.name).toBe(undefined)
  })

  it('leaves a long name whole: only the server knows where it cuts', () => {
    expect(factsOf(`CREATE INDEX ${'ä'.repeat(70)} ON t (a)`).indexBuild?.name).toBe('ä'.repeat(70))
  })

  it('gives the facts of a table', () => {
    expect(factsOf('CREATE UNLOGGED TABLE IF NOT EXISTS a.b PARTITION OF c DEFAULT').createdTable).toEqual({
      schema: 'a',
      name: 'b',
      temporary: false,
      unlogged: true,
      ifNotExists: true,
      partitionOf: { name: 'c' },
    })
  })

  it.each([
    ['COPY t FROM stdin', 'from_stdin', true],
    ["COPY t (a, b) FROM PROGRAM 'x'", 'from_program', true],
    ["COPY t FROM '/x'", 'from_file', true],
    ['COPY (SELECT 1 FROM stdin) TO STDOUT', 'to_stdout', false],
    ["COPY t TO PROGRAM 'x'", 'to_program', false],
  ])('%s is %s', (text, copy, loadsData) => {
    expect([factsOf(text).copy, factsOf(text).loadsData]).toEqual([copy, loadsData])
  })

  it.each([
    ['SELECT 1', true],
    ['(SELECT 1) UNION VALUES (2)', true],
    ['WITH a AS (SELECT 1) SELECT * FROM a', true],
    ['VALUES (true)', true],
    ['TABLE t', true],
    ['SELECT 1 INTO t', false],
    ['WITH a AS (SELECT 1) DELETE FROM t WHERE true', false],
    ['SHOW work_mem', false],
    ['DO $$ BEGIN END $$', false],
    ['EXPLAIN SELECT 1', false],
  ])('%s is a query: %s', (text, isQuery) => {
    expect(factsOf(text).isQuery).toBe(isQuery)
  })

  it('names the command, and none for an empty statement', () => {
    const texts = [
      'create or replace temp view v as select 1',
      'DROP FOREIGN DATA WRAPPER w',
      'Select 1',
      ';',
    ]
    expect(texts.map((text) => factsOf(text).command)).toEqual([
      'CREATE VIEW',
      'DROP FOREIGN DATA WRAPPER',
      'SELECT',
      '',
    ])
  })
})

it('facts of any text are read without an error', () => {
  const words =
    'create drop alter table index concurrently on only if exists not ( ) , . ; \'a\' "b" set reset role local session authorization select into from delete update where with as copy stdin to references add column type reindex vacuum cluster explain analyze set_config f = true'.split(
      ' ',
    )
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 30 }), (pieces) => {
      const text = pieces.join(' ')
      for (const statement of scanSql(text).statements) {
        expect(typeof readStatementFacts(text, statement).command).toBe('string')
      }
    }),
    { numRuns: 3000 },
  )
})

it('a concurrent REINDEX names what it rebuilds', () => {
  const reindexed = (text: string) => factsOf(text).concurrentReindex
  expect(reindexed('REINDEX INDEX CONCURRENTLY app."Orders_idx"')).toEqual({
    object: 'index',
    target: { schema: 'app', name: 'Orders_idx' },
  })
  expect(reindexed('REINDEX (CONCURRENTLY, VERBOSE) TABLE orders')).toEqual({
    object: 'table',
    target: { name: 'orders' },
  })
  expect(reindexed('REINDEX SCHEMA CONCURRENTLY app')).toEqual({ object: 'schema', target: { name: 'app' } })
  expect(reindexed('REINDEX TABLE orders')).toBeUndefined()
})

it('a concurrent DETACH names the table and its partition', () => {
  const detached = (text: string) => factsOf(text).concurrentDetach
  expect(detached('ALTER TABLE IF EXISTS app."T" DETACH PARTITION app.t_1 CONCURRENTLY')).toEqual({
    table: { schema: 'app', name: 'T' },
    partition: { schema: 'app', name: 't_1' },
  })
  expect(detached('ALTER TABLE t DETACH PARTITION t_1 FINALIZE')).toBeUndefined()
})
