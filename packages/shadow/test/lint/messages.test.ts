import { parseMigration } from '@tidemark/core'
import { describe, expect, test } from 'vitest'
import { execute, lint, useScratch } from '../support/lint-sql.ts'

const scratch = useScratch()

async function listMessages(rule: string, sqls: readonly [string, string]): Promise<readonly string[]> {
  const [, ...plan] = await execute(scratch.connection, sqls)
  return (await lint(plan)).filter((one) => one.rule === rule).map(({ message }) => message)
}

test('an enum that takes the place of another with its name is a change of type', async () => {
  const messages = await listMessages('type-change-rewrite', [
    "CREATE TYPE event AS ENUM ('a'); CREATE TABLE logs (id bigint PRIMARY KEY, event event);",
    `ALTER TYPE event RENAME TO event_old;
CREATE TYPE event AS ENUM ('a', 'b');
ALTER TABLE logs ALTER event TYPE event USING event::text::event;
DROP TYPE event_old;`,
  ])
  expect(messages).toEqual([
    'every row of logs is written anew to change the type of event, while reads and writes wait',
  ])
})

test('a column that the migration adds and then requires is named, and was filled between', async () => {
  const sqls = [
    'CREATE TABLE users (id bigint PRIMARY KEY);',
    `ALTER TABLE users ADD COLUMN plan text;
UPDATE users SET plan = 'free';
ALTER TABLE users ALTER COLUMN plan SET NOT NULL;`,
  ] as const
  expect(await listMessages('not-null-by-scan', sqls)).toEqual([
    'every row of users is read for NOT NULL of plan while reads and writes wait',
  ])
  expect(await listMessages('required-column', sqls)).toEqual([
    'plan of users must have a value: inserts of running code fail',
  ])
})

test('a foreign key is reported where it is added, and nowhere else', async () => {
  const messages = await listMessages('fk-without-not-valid', [
    'CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint);',
    `UPDATE b SET a_id = NULL WHERE id = 1;
ALTER TABLE b ALTER a_id SET DEFAULT 0;
ALTER TABLE b ADD FOREIGN KEY (a_id) REFERENCES a;
ALTER TABLE b ALTER a_id DROP DEFAULT;`,
  ])
  expect(messages).toEqual(['every row of b is checked against a while writes to both wait'])
})

test('a new column with the name of one that was renamed has no rows to check', async () => {
  const sqls = [
    'CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY, a_id int);',
    `ALTER TABLE b RENAME COLUMN a_id TO old_id;
ALTER TABLE b ADD COLUMN a_id bigint REFERENCES a;`,
  ] as const
  expect(await listMessages('fk-without-not-valid', sqls)).toEqual([])
  expect(
    await listMessages('fk-without-not-valid', [
      sqls[0],
      `ALTER TABLE b RENAME COLUMN a_id TO old_id;
ALTER TABLE b ADD COLUMN a_id bigint DEFAULT 1 REFERENCES a;`,
    ]),
  ).toEqual(['every row of b is checked against a while writes to both wait'])
})

test('a new index with the name of one that was dropped is built, not built again', async () => {
  const messages = await listMessages('index-not-concurrent', [
    'CREATE TABLE a (id bigint PRIMARY KEY, n int); CREATE INDEX a_n ON a (n);',
    'DROP INDEX a_n; CREATE INDEX a_n ON a (n, id);',
  ])
  expect(messages).toEqual(['building the index a_n blocks writes to a until it is done'])
})

describe('the advice for rows that are changed at once', () => {
  const ORDERS =
    'CREATE TABLE app."Order" (id uuid PRIMARY KEY, total int, old int); CREATE TABLE rates (day date);'
  const advise = async (sql: string) => {
    const [, migration] = await execute(scratch.connection, [`CREATE SCHEMA app; ${ORDERS}`, sql])
    if (migration === undefined) throw new TypeError('the statement was executed')
    return (await lint([migration])).find(({ rule }) => rule === 'unbatched-dml')?.safeSql
  }

  test.each([
    ['UPDATE app."Order" SET total = old;', 'UPDATE app."Order" SET total = old WHERE id BETWEEN $1 AND $2;'],
    [
      'UPDATE app."Order" o SET total = 1 WHERE o.old = 1 OR o.old = 2 RETURNING (SELECT 1 WHERE false);',
      'UPDATE app."Order" o SET total = 1 WHERE id BETWEEN $1 AND $2 AND (o.old = 1 OR o.old = 2) RETURNING (SELECT 1 WHERE false);',
    ],
    [
      'UPDATE app."Order" SET total = 1 FROM rates r;',
      'UPDATE app."Order" SET total = 1 FROM rates r WHERE "Order".id BETWEEN $1 AND $2;',
    ],
    [
      'WITH a AS (SELECT day FROM rates WHERE day IS NULL) DELETE FROM app."Order" o USING a WHERE total > 1',
      'WITH a AS (SELECT day FROM rates WHERE day IS NULL) DELETE FROM app."Order" o USING a WHERE o.id BETWEEN $1 AND $2 AND (total > 1);',
    ],
    [
      'DO $$ BEGIN IF true THEN DELETE FROM app."Order" -- all\n WHERE old = 1; END IF; END $$;',
      'DELETE FROM app."Order" -- all\n WHERE id BETWEEN $1 AND $2 AND (old = 1);',
    ],
  ])('is a file in batches of the key: %s', async (sql, batched) => {
    const text = `-- Batches: app."Order" by id\n-- @up\n${batched}`
    expect(await advise(sql)).toBe(text)
    const parsed = parseMigration({ path: '001_fill.sql', text: `${text}\n` })
    expect(parsed.ok && parsed.value.notes).toEqual([])
  })

  test.each([
    ['a table without a key', 'DELETE FROM rates;'],
    ['a change of the key', 'UPDATE app."Order" SET id = gen_random_uuid();'],
    [
      'a cursor',
      'DO $$ DECLARE c CURSOR FOR SELECT 1 FROM app."Order" FOR UPDATE; r record; BEGIN OPEN c; FETCH c INTO r; IF FOUND THEN UPDATE app."Order" SET total = 1 WHERE CURRENT OF c; END IF; END $$;',
    ],
  ])('has no file for %s', async (_, sql) => {
    expect(await advise(sql)).toBeUndefined()
  })
})
