import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chain, migrationOf } from '../support/migrations.ts'
import { applyTo, linesOf, rehearseOn, statementsOf } from './support.ts'

const SHOP = chain({
  '001_users': `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name text);
    CREATE TABLE orders (id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, cents int, note varchar(20));
    CREATE INDEX orders_user_idx ON orders (user_id);`,
  '002_report': 'CREATE VIEW report AS SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.user_id;',
})

const PENDING = [
  ...SHOP,
  migrationOf('003_rewrite', {
    up: 'ALTER TABLE orders ALTER COLUMN cents TYPE bigint;',
    dependsOn: ['002_report'],
  }),
  migrationOf('004_index', {
    up: 'CREATE INDEX CONCURRENTLY orders_cents_idx ON orders (cents);\nALTER TABLE users ADD COLUMN age int;',
    dependsOn: ['003_rewrite'],
    transaction: 'none',
  }),
  migrationOf('005_rename', {
    up: 'ALTER TABLE users RENAME TO people;\nCREATE INDEX people_name_idx ON people (name);\nCREATE TABLE extra (id int);\nCREATE INDEX ON extra (id);',
    dependsOn: ['004_index'],
  }),
]

describe('a rehearsal', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    await applyTo(database, SHOP)
    await database.query(`INSERT INTO users (email) SELECT 'u' || g FROM generate_series(1, 20000) g;
      INSERT INTO orders (user_id, cents) SELECT g, g FROM generate_series(1, 20000) g; ANALYZE`)
  })
  afterAll(() => database.drop())

  test('tells what the plan does to the tables of the target, by the names they have there', async () => {
    const report = await rehearseOn(database, PENDING)
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
    ])
    expect(linesOf(report)).toEqual([])
  })
})
