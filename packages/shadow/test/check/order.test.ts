import { expect, test } from 'vitest'
import { checkOrder } from '../../src/check/order/check-order.ts'
import type { PairVerdict } from '../../src/check/order/pair-verdict.ts'
import { pglite, type TestEngine, useServer } from '../support/engines.ts'
import { groundOf } from '../support/ground.ts'
import { migration } from '../support/migrations.ts'
import { tryEveryPair } from '../support/try-every-pair.ts'

const BASE = migration(
  '001_base',
  `CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, age int);
INSERT INTO users (name, age) VALUES ('ada', 36), ('bob', 40);
CREATE TYPE mood AS ENUM ('sad');
CREATE FUNCTION inner_one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION outer_one() RETURNS int LANGUAGE sql AS 'SELECT inner_one()';
CREATE TABLE log (t text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.name); RETURN NULL; END $$;
CREATE TRIGGER noted AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION note();`,
)

/** Two migrations that know nothing of one another, and what their order does. */
const PAIRS: readonly (readonly [
  what: string,
  a: string,
  b: string,
  verdict: Partial<PairVerdict> | null,
])[] = [
  ['nothing in common', 'CREATE TABLE a (x int);', 'CREATE TABLE b (x int);', null],
  [
    'the same column, in other words',
    'ALTER TABLE users ADD COLUMN IF NOT EXISTS m int;',
    'ALTER TABLE users ADD COLUMN IF NOT EXISTS m text;',
    { kind: 'differs' },
  ],
  [
    'columns of one table',
    'ALTER TABLE users ADD COLUMN m int;',
    'ALTER TABLE users ADD COLUMN n int;',
    { kind: 'column_order' },
  ],
  [
    'checks without a name',
    'ALTER TABLE users ADD CHECK (age > 0);',
    'ALTER TABLE users ADD CHECK (age < 200);',
    { kind: 'generated_names' },
  ],
  [
    'a table that the other drops',
    'CREATE VIEW names AS SELECT name FROM users;',
    'ALTER TABLE users RENAME COLUMN name TO full_name;',
    { kind: 'one_order_fails' },
  ],
  ['the same table twice', 'CREATE TABLE a (x int);', 'CREATE TABLE a (y int);', { kind: 'both_fail' }],
  [
    'what neither text names',
    `DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN IF NOT EXISTS z int', 'us' || 'ers'); END $$;`,
    'ALTER TABLE users ADD COLUMN IF NOT EXISTS z text;',
    { kind: 'differs' },
  ],
  [
    'a function behind a function',
    `CREATE OR REPLACE FUNCTION inner_one() RETURNS int LANGUAGE sql AS 'SELECT 2';`,
    'CREATE TABLE made AS SELECT outer_one() AS one;',
    { kind: 'rows_differ', tables: ['public.made'] },
  ],
  [
    'a trigger that fires',
    `CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;`,
    `INSERT INTO users (name) VALUES ('eve');`,
    { kind: 'rows_differ', tables: ['public.log'] },
  ],
  [
    'rows of one table',
    'UPDATE users SET age = age + 1;',
    'UPDATE users SET age = age * 2;',
    { kind: 'rows_differ', tables: ['public.users'] },
  ],
  [
    'values of one enum',
    `ALTER TYPE mood ADD VALUE 'ok';`,
    `ALTER TYPE mood ADD VALUE 'fine';`,
    { kind: 'differs' },
  ],
  [
    'a grant on all tables',
    'GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;',
    'CREATE TABLE late (x int);',
    { kind: 'differs' },
  ],
  [
    'default privileges',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;',
    'CREATE TABLE late (x int);',
    { kind: 'differs' },
  ],
  [
    'a loop over the catalog',
    `DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '_' LOOP
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t); END LOOP; END $$;`,
    'CREATE TABLE late (x int);',
    { kind: 'differs' },
  ],
  [
    'what CASCADE takes along',
    'DROP TYPE mood CASCADE;',
    'CREATE TABLE moods (id int, m mood);',
    { kind: 'one_order_fails' },
  ],
  [
    'random values, which differ every time',
    'CREATE TABLE a AS SELECT random() AS r FROM users;',
    `INSERT INTO log SELECT 'x' FROM users;`,
    { kind: 'same' },
  ],
  [
    'an index and its table, outside of a transaction',
    'CREATE INDEX users_age ON users (age);',
    'ALTER TABLE users DROP COLUMN age;',
    { kind: 'one_order_fails' },
  ],
]

async function verdictOf(engine: TestEngine, a: string, b: string) {
  const migrations = [BASE, migration('002_a', a, ['001_base']), migration('003_b', b, ['001_base'])]
  const report = await checkOrder(groundOf(engine, migrations))
  expect(report).toMatchObject({ pairs: 1, unexplained: [] })
  return report.results
}

const server = useServer()

test.each(PAIRS)('on a server: %s', async (_what, a, b, verdict) => {
  const results = await verdictOf(server, a, b)
  if (verdict === null) expect(results).toEqual([])
  else expect(results).toMatchObject([{ pair: ['002_a', '003_b'], verdict }])
})

test('on PGlite', async () => {
  const results = await verdictOf(
    pglite,
    'ALTER TABLE users ADD COLUMN IF NOT EXISTS m int;',
    'ALTER TABLE users ADD COLUMN IF NOT EXISTS m text;',
  )
  expect(results).toMatchObject([{ verdict: { kind: 'differs' } }])
})

test('what shows only with three migrations is found by whole orders', async () => {
  const create = (name: string) => `CREATE TABLE IF NOT EXISTS ${name} (x int);`
  const migrations = [
    migration('001_a', create('a')),
    migration('002_b', create('b')),
    // Fails when both are there already, and not with either of them.
    migration(
      '003_c',
      `DO $do$ BEGIN IF (SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b')) = 1 THEN CREATE TABLE one (); END IF; END $do$;`,
    ),
  ]
  const { results, unexplained, replays } = await checkOrder(groundOf(server, migrations))
  expect(results.every(({ verdict }) => verdict.kind !== 'not_checked')).toBe(true)
  expect(replays).toBeGreaterThan(1)
  expect(
    unexplained.length + results.filter(({ verdict }) => verdict.kind === 'differs').length,
  ).toBeGreaterThan(0)
})

test('no difference escapes the filter: every pair of a random project is executed', async () => {
  const { differing, escaped } = await tryEveryPair(server, 11, 12)
  expect(escaped).toEqual([])
  expect(differing).toBeGreaterThan(0)
})
