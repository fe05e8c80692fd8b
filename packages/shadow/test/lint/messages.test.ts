import type { Connection } from '@tidemark/pg-driver/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Shadow } from '../../src/index.ts'
import { pglite } from '../support/engines.ts'
import { execute, lint } from '../support/lint-sql.ts'

let shadow: Shadow
let connection: Connection

beforeAll(async () => {
  shadow = await pglite.open()
  connection = await shadow.connect()
})
afterAll(async () => {
  await connection?.close()
  await shadow?.close()
})

async function listMessages(rule: string, sqls: readonly [string, string]): Promise<readonly string[]> {
  const [, ...plan] = await execute(connection, sqls)
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
