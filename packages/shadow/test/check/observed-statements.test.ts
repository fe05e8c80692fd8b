import type { StatementEffects } from '@tidemark/core'
import { expect, test } from 'vitest'
import { checkMigrations } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migrationOf } from '../support/migrations.ts'

const server = useServer()

const SETUP = migrationOf('001_t', {
  up: `CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE INDEX old ON t (a);
CREATE TABLE parts (a int) PARTITION BY RANGE (a);
CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9);
CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET a = 1; COMMIT; LOCK TABLE t IN SHARE MODE; END $$;
CREATE VIEW only_a AS SELECT a FROM t;`,
  down: 'SELECT 1;',
})

const WANTED: readonly (readonly [sql: string, locks: readonly string[], builds: readonly string[]])[] = [
  ['CREATE INDEX CONCURRENTLY fresh ON t (a);', ['SHARE UPDATE EXCLUSIVE t'], ['fresh']],
  ['DROP INDEX CONCURRENTLY old;', ['SHARE UPDATE EXCLUSIVE t', 'SHARE UPDATE EXCLUSIVE old'], []],
  ['REINDEX INDEX CONCURRENTLY fresh;', ['SHARE UPDATE EXCLUSIVE t'], ['fresh']],
  ['VACUUM t;', ['SHARE UPDATE EXCLUSIVE t'], []],
  ['ALTER TABLE parts DETACH PARTITION part CONCURRENTLY;', ['SHARE UPDATE EXCLUSIVE parts'], []],
  ['CALL fill();', ['SHARE t'], []],
  ['ALTER TABLE t ADD COLUMN b int;', ['ACCESS EXCLUSIVE t'], []],
]

test('outside of a transaction a second session sees the locks, on a server', async () => {
  const up = WANTED.map(([sql]) => sql).join('\n')
  const migrations = [SETUP, migrationOf('002_alone', { up, dependsOn: ['001_t'], transaction: 'none' })]
  const report = await checkMigrations({
    migrations,
    ids: ['002_alone'],
    parts: ['statements'],
    open: server.open,
  })
  expect(report.findings).toEqual([])
  const [traced] = report.statements ?? []
  expect(traced?.untraced).toBeNull()
  expect(traced?.statements.map(({ statement }) => statement)).toEqual([...WANTED.keys()])
  for (const [place, [sql, locks, builds]] of WANTED.entries()) {
    const found = traced?.statements[place]
    expect({ sql, ...describe(found?.effects) }).toEqual({
      sql,
      locks: expect.arrayContaining([...locks]),
      builds,
    })
    expect(found?.durationMs).toBeGreaterThanOrEqual(0)
  }
  // Nothing of what does not block writes is said to block them.
  const strong = traced?.statements.slice(0, 4).flatMap(({ effects }) => describe(effects).locks) ?? []
  expect(
    strong.filter((lock) => /^(SHARE|SHARE ROW EXCLUSIVE|EXCLUSIVE|ACCESS EXCLUSIVE) (t|parts)$/.test(lock)),
  ).toEqual([])
})

function describe(effects: StatementEffects | undefined) {
  return {
    locks: effects?.locks.map(({ mode, relation }) => `${mode} ${relation.name}`) ?? [],
    builds: effects?.indexBuilds.map(({ index }) => index.name) ?? [],
  }
}

test('what fails there is not traced further, and a table without columns is no obstacle', async () => {
  const migrations = [
    migrationOf('001_t', { up: 'CREATE TABLE t ();' }),
    migrationOf('002_alone', {
      up: 'VACUUM t;\nCREATE INDEX CONCURRENTLY x ON t (nothing);\nVACUUM t;',
      dependsOn: ['001_t'],
      transaction: 'none',
    }),
  ]
  const report = await checkMigrations({ migrations, parts: ['statements'], open: server.open })
  expect(report.findings).toMatchObject([{ rule: 'does-not-run', migrationId: '002_alone' }])
  expect(report.statements?.[1]?.statements.map(({ statement }) => statement)).toEqual([0])
})

test('a shadow in this process has one session, and says that it cannot see them', async () => {
  const up = 'CREATE INDEX CONCURRENTLY fresh ON t (a);'
  const migrations = [SETUP, migrationOf('002_alone', { up, dependsOn: ['001_t'], transaction: 'none' })]
  const report = await checkMigrations({
    migrations,
    ids: ['002_alone'],
    parts: ['statements'],
    open: pglite.open,
  })
  expect(report.statements).toEqual([
    {
      migrationId: '002_alone',
      statements: [],
      untraced: 'it does not run in one transaction, which only a shadow on a server can observe',
    },
  ])
})
