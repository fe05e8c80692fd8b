import type { Migration } from '@tidemark/core'
import { expect, test } from 'vitest'
import { checkClosure } from '../../src/check/closure/check-closure.ts'
import { useServer } from '../support/engines.ts'
import { groundOf } from '../support/ground.ts'
import { migration } from '../support/migrations.ts'

const server = useServer()

test('finds the dependencies that are missing and those without effect', async () => {
  const migrations = [
    migration('001_users', 'CREATE TABLE users (id int PRIMARY KEY);'),
    migration('002_mood', `CREATE TYPE mood AS ENUM ('sad');`),
    migration('003_posts', 'CREATE TABLE posts (id int PRIMARY KEY, u int REFERENCES users);', ['001_users']),
    // Needs 002 as well, which nothing says.
    migration('004_moods', 'CREATE TABLE moods (p int REFERENCES posts, m mood);', ['003_posts']),
    // Needs what 004 needs, and says so by 004.
    migration('005_more', `INSERT INTO moods VALUES (NULL, 'sad');`, ['004_moods']),
    // Needs two that it does not name.
    migration('006_both', 'CREATE VIEW pairs AS SELECT * FROM users, (SELECT NULL::mood) m;'),
    // Names one that it does not need.
    migration('007_tags', 'CREATE TABLE tags (p int REFERENCES posts);', ['002_mood', '003_posts']),
    // Fails only because a new enum value is not committed when all is one transaction.
    migration('008_value', `ALTER TYPE mood ADD VALUE 'ok';`, ['002_mood']),
    migration('009_use', `CREATE TABLE oks (m mood DEFAULT 'ok');`, ['008_value']),
  ]
  const report = await checkClosure(groundOf(server, migrations))
  expect(report.missing).toMatchObject([
    { migrationId: '004_moods', needs: ['002_mood'], failure: { message: 'type "mood" does not exist' } },
    { migrationId: '006_both', needs: ['001_users', '002_mood'], failure: { statement: 0 } },
  ])
  expect(report.needless).toEqual([{ migrationId: '007_tags', dependsOn: '002_mood' }])
  expect(report).toMatchObject({ executed: 9, notChecked: [] })
})

test('every shadow is closed, also the last one', async () => {
  let open = 0
  const counted = async (migrations: readonly Migration[]) => {
    const shadow = await server.open(migrations)
    open += 1
    return {
      ...shadow,
      get applied() {
        return shadow.applied
      },
      close: async () => {
        open -= 1
        await shadow.close()
      },
    }
  }
  const migrations = [migration('001_a', 'CREATE TABLE a ();'), migration('002_b', 'DROP TABLE a;')]
  expect(await checkClosure({ ...groundOf(server, migrations), open: counted })).toMatchObject({
    missing: [{ migrationId: '002_b', needs: ['001_a'] }],
  })
  expect(open).toBe(0)
})

test('what is in order with every other one is not executed again', async () => {
  const migrations = [
    migration('001_a', 'CREATE TABLE a ();'),
    migration('002_b', 'CREATE TABLE b ();', ['001_a']),
    migration('003_c', 'DROP TABLE b;', ['002_b']),
  ]
  const open = () => Promise.reject(new TypeError('no shadow is needed'))
  expect(await checkClosure({ ...groundOf(server, migrations), open })).toEqual({
    executed: 3,
    missing: [],
    needless: [],
    notChecked: [],
  })
})
