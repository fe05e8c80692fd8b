import type { Migration } from '@tidemark/core'
import { describe, expect, test } from 'vitest'
import { checkReversibility, type Reversibility } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migrationOf, type Parts } from '../support/migrations.ts'

const BASE = migrationOf('001_base', {
  up: `CREATE TABLE users (id int PRIMARY KEY, name text, mail text);
CREATE TYPE mood AS ENUM ('sad');
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';`,
})

const NO_ROWS = { verdict: 'none', seeded: [], unseeded: [], lost: [], failure: null, failsOnAnyRow: false }

const after = (parts: Parts): Migration => migrationOf('002_next', { dependsOn: ['001_base'], ...parts })

describe.each([useServer(), pglite])('on $name', ({ open }) => {
  test('each kind of way back has its verdict', async () => {
    const shadow = await open([BASE])
    const check = (parts: Parts): Promise<Reversibility> => checkReversibility(shadow, after(parts))

    expect(await check({ up: 'CREATE TABLE a (id int);', down: 'DROP TABLE a;' })).toEqual({
      migrationId: '002_next',
      verdict: 'exact',
      differences: [],
      failure: null,
      secondUp: { kind: 'same' },
      rows: NO_ROWS,
    })
    expect(await check({ up: 'CREATE TABLE a (id int);' })).toMatchObject({ verdict: 'irreversible' })
    expect(
      await check({
        up: 'ALTER TABLE users DROP COLUMN name;',
        down: 'ALTER TABLE users ADD COLUMN name text;',
      }),
    ).toMatchObject({
      verdict: 'loses_data',
      secondUp: { kind: 'same' },
      rows: { lost: [{ columns: ['name'] }] },
    })
    expect(
      await check({
        up: 'CREATE TABLE n (a int, b int); DROP TABLE n;',
        down: 'SELECT 1;',
      }),
    ).toMatchObject({ verdict: 'exact' })

    const less = await check({
      up: 'DROP FUNCTION twice(int);',
      down: "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 3 * $1';",
    })
    expect(less).toMatchObject({
      verdict: 'differs',
      differences: [{ change: 'changed', kind: 'function', id: 'public.twice(integer)' }],
    })

    expect(await check({ up: 'CREATE TABLE a (id int);', down: 'DROP TABLE b;' })).toMatchObject({
      verdict: 'down_fails',
      failure: { section: 'down', statement: 0, sqlState: '42P01' },
      secondUp: null,
    })
    expect(await check({ up: 'SELECT 1; CREATE TABLE users ();', down: 'SELECT 1;' })).toMatchObject({
      verdict: 'up_fails',
      failure: { section: 'up', statement: 1, message: 'relation "users" already exists' },
    })
    expect(await check({ up: 'CREATE TABLE a (id int);', down: 'SELECT 1;' })).toMatchObject({
      verdict: 'differs',
      secondUp: { kind: 'fails', failure: { sqlState: '42P07' } },
    })
    // Nothing of the trials is left.
    expect(await check({ up: 'CREATE TABLE a (id int);', down: 'DROP TABLE a;' })).toMatchObject({
      verdict: 'exact',
    })
    await shadow.close()
  })

  test('what fails only within one transaction is tried committed', async () => {
    const shadow = await open([BASE])
    const check = (parts: Parts): Promise<Reversibility> => checkReversibility(shadow, after(parts))
    // 55P04 in one transaction; the down cannot take the value away, so the second up finds it.
    expect(
      await check({
        up: `ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok';`,
        down: `CREATE TABLE moods (m mood DEFAULT 'ok'); DROP TABLE moods;`,
      }),
    ).toMatchObject({
      verdict: 'differs',
      differences: [{ change: 'changed', kind: 'enum', id: 'public.mood' }],
      secondUp: { kind: 'same' },
    })
    expect(
      await check({
        transaction: 'none',
        up: 'CREATE INDEX CONCURRENTLY users_mail ON users (mail);',
        down: 'DROP INDEX CONCURRENTLY users_mail;',
      }),
    ).toMatchObject({ verdict: 'exact', secondUp: { kind: 'same' } })
    expect(
      await check({
        up: 'COPY users (id, name) FROM stdin;\n1\tada\n\\.',
        down: 'DELETE FROM users WHERE id = 1;',
      }),
    ).toMatchObject({ verdict: 'exact', secondUp: { kind: 'same' }, rows: { verdict: 'kept' } })
    await shadow.close()
  })

  test('settings, roles and deferred constraints of one section do not reach the next', async () => {
    const shadow = await open([BASE])
    const check = (parts: Parts): Promise<Reversibility> => checkReversibility(shadow, after(parts))
    expect(
      await check({
        up: 'CREATE SCHEMA app; SET search_path = app; CREATE TABLE a (id int);',
        down: 'DROP TABLE app.a; DROP SCHEMA app;',
      }),
    ).toMatchObject({ verdict: 'exact', secondUp: { kind: 'same' } })
    expect(
      await check({
        up: `CREATE TABLE child (u int REFERENCES users DEFERRABLE INITIALLY DEFERRED); INSERT INTO child VALUES (7);`,
        down: 'DROP TABLE child;',
      }),
    ).toMatchObject({ verdict: 'up_fails', failure: { statement: null, sqlState: '23503' } })
    await shadow.close()
  })
})
